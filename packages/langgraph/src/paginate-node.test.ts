import { END, MemorySaver, START, StateGraph, StateSchema } from '@langchain/langgraph'
import { settle } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { pagedValue } from './paged-value.ts'
import { paginateNode } from './paginate-node.ts'

const Deal = z.object({ id: z.string(), name: z.string().optional() })

/** One deal a page; the cursor is the number of the next page. */
const book = (total: number) => async (cursor: string | undefined) => {
  const page = Number(cursor ?? 0)
  return { result: [{ id: String(page) }], next_cursor: page + 1 < total ? String(page + 1) : null }
}

function graphOf(
  fetch: (cursor: string | undefined) => Promise<{ result: { id: string }[]; next_cursor: string | null }>,
  bounds: { maxPages?: number; maxItems?: number } = { maxPages: 10 },
) {
  const State = new StateSchema({ pipeline: z.string(), deals: pagedValue(Deal), report: z.string().optional() })
  return new StateGraph(State)
    .addNode('read', paginateNode({ into: 'deals', fetch, ...bounds }))
    .addNode('write', (state) => ({
      report: `${state.deals.items.length} deals${state.deals.truncated ? ` (cut off: ${state.deals.stoppedBy})` : ''}`,
    }))
    .addEdge(START, 'read')
    .addEdge('read', 'write')
    .addEdge('write', END)
    .compile({ checkpointer: new MemorySaver() })
}

const thread = { configurable: { thread_id: 'q3' } }

test('paginateNode() stops at ten pages and goes on from the stored cursor at the next visit', async () => {
  const graph = graphOf(book(14))
  const first = await graph.invoke({ pipeline: 'default' }, thread)
  expect(first.report).toBe('10 deals (cut off: max_pages)')
  expect(first.deals).toMatchObject({ pages: 10, nextCursor: '10', truncated: true })
  const second = await graph.invoke({ pipeline: 'default' }, thread)
  expect(second.report).toBe('14 deals')
  expect(second.deals.items.map((deal) => deal.id)).toEqual(Array.from({ length: 14 }, (_, i) => String(i)))
})

test('paginateNode() stops at maxItems in each visit, and goes on from there at the next', async () => {
  const graph = graphOf(book(5), { maxItems: 3 })
  const first = await graph.invoke({ pipeline: 'default' }, thread)
  expect(first.report).toBe('3 deals (cut off: max_items)')
  expect(first.deals).toMatchObject({ pages: 3, nextCursor: '3', truncated: true })
  const second = await graph.invoke({ pipeline: 'default' }, thread)
  expect(second.report).toBe('5 deals')
})

test('paginateNode() reads no further page once the run is cancelled', async () => {
  const cancel = new AbortController()
  let asked = 0
  const graph = graphOf(async (cursor) => {
    asked += 1
    if (cursor === '2') cancel.abort(new Error('enough'))
    return book(9)(cursor)
  })
  await expect(graph.invoke({ pipeline: 'default' }, { ...thread, signal: cancel.signal })).rejects.toThrow()
  await settle()
  expect(asked).toBe(3)
})

test('paginateNode() leaves a page that never comes when the run is cancelled, and keeps the others', async () => {
  const cancel = new AbortController()
  const fetch = async (cursor: string | undefined) => {
    if (cursor !== '2') return book(9)(cursor)
    cancel.abort()
    return new Promise<never>(() => undefined)
  }
  const update = await paginateNode({ into: 'deals', fetch })({}, { signal: cancel.signal })
  expect(update.deals).toMatchObject({ pages: 2, nextCursor: '2', truncated: true, stoppedBy: 'cancelled' })
})

test('paginateNode() does not read a finished list again', async () => {
  let asked = 0
  const graph = graphOf((cursor) => {
    asked += 1
    return book(2)(cursor)
  })
  await graph.invoke({ pipeline: 'default' }, thread)
  const again = await graph.invoke({ pipeline: 'default' }, thread)
  expect(asked).toBe(2)
  expect(again.deals.items).toHaveLength(2)
})

test('paginateNode() keeps what it has when a page fails, as plain data, and repeats that page next time', async () => {
  let broken = true
  const graph = graphOf(async (cursor) => {
    if (cursor === '1' && broken)
      throw Object.assign(new Error('slow down'), { code: 'rate_limited', retryAfterS: 900 })
    return book(3)(cursor)
  })
  const first = await graph.invoke({ pipeline: 'default' }, thread)
  expect(first.deals).toEqual({
    items: [{ id: '0' }],
    pages: 1,
    nextCursor: '1',
    truncated: true,
    stoppedBy: 'error',
    error: { code: 'rate_limited', message: 'slow down', retryAfterS: 900 },
  })
  broken = false
  const second = await graph.invoke({ pipeline: 'default' }, thread)
  expect(second.deals).toMatchObject({ pages: 3, stoppedBy: 'end', truncated: false })
  expect(second.deals.error).toBeUndefined()
  expect(second.deals.items.map((deal) => deal.id)).toEqual(['0', '1', '2'])
})

test('paginateNode() ends where a server hands out the same cursor for ever, and a later visit does not begin again', async () => {
  let asked = 0
  const graph = graphOf(async () => {
    asked += 1
    return { result: [{ id: String(asked) }], next_cursor: 'again' }
  })
  const first = await graph.invoke({ pipeline: 'default' }, thread)
  expect(first.report).toBe('2 deals (cut off: cursor_loop)')
  expect(first.deals).toMatchObject({ pages: 2, nextCursor: null, truncated: true })
  const second = await graph.invoke({ pipeline: 'default' }, thread)
  expect(second.report).toBe('2 deals (cut off: cursor_loop)')
  expect(asked).toBe(2)
})

test('pagedValue() is emptied by null', async () => {
  const graph = graphOf(book(1))
  await graph.invoke({ pipeline: 'default' }, thread)
  const fresh = await graph.invoke({ pipeline: 'default', deals: null }, thread)
  expect(fresh.deals).toMatchObject({ items: [{ id: '0' }], pages: 1 })
})
