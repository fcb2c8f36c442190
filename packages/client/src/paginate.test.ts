import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paginate } from './paginate.ts'

/** `total` pages of two records each; the cursor is the number of the next page. */
const book = (total: number) => async (cursor: string | undefined) => {
  const page = Number(cursor ?? 0)
  return { result: [page * 2, page * 2 + 1], next_cursor: page + 1 < total ? String(page + 1) : null }
}

test('paginate() stops after ten pages and says where to go on', async () => {
  const first = await paginate(book(12))
  expect(first).toMatchObject({ pages: 10, nextCursor: '10', truncated: true, stoppedBy: 'max_pages' })
  const rest = await paginate(book(12), { cursor: first.nextCursor })
  expect(rest).toEqual({ items: [20, 21, 22, 23], pages: 2, nextCursor: null, truncated: false, stoppedBy: 'end' })
})

test('paginate() in pieces reads the same as at once, whatever the bounds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      async (total, maxPages, maxItems) => {
        const items: number[] = []
        let cursor: string | null = null
        for (let turn = 0; turn <= total; turn += 1) {
          const part: Awaited<ReturnType<typeof paginate<number>>> = await paginate(book(total), {
            maxPages,
            maxItems,
            cursor,
          })
          expect(part.pages).toBeLessThanOrEqual(maxPages)
          items.push(...part.items)
          cursor = part.nextCursor
          if (!part.truncated) break
        }
        expect(items).toEqual(Array.from({ length: total * 2 }, (_, i) => i))
      },
    ),
  )
})

test('paginate() ends when a cursor comes back', async () => {
  const loop = async () => ({ result: ['x'], next_cursor: 'again' })
  expect(await paginate(loop)).toEqual({
    items: ['x', 'x'],
    pages: 2,
    nextCursor: null,
    truncated: true,
    stoppedBy: 'cursor_loop',
  })
})

test('paginate() keeps what it has when a page fails, with the cursor to repeat it', async () => {
  const boom = new Error('boom')
  const fails = async (cursor: string | undefined) => {
    if (cursor === '2') throw boom
    return book(5)(cursor)
  }
  expect(await paginate(fails)).toMatchObject({
    items: [0, 1, 2, 3],
    pages: 2,
    nextCursor: '2',
    stoppedBy: 'error',
    error: boom,
  })
})

test('paginate() stops between pages when it is cancelled', async () => {
  const cancel = new AbortController()
  const paged = await paginate(book(5), { signal: cancel.signal, onPage: () => cancel.abort() })
  expect(paged).toMatchObject({ pages: 1, nextCursor: '1', stoppedBy: 'cancelled', truncated: true })
})

test('paginate() stops at once when it is cancelled while a page hangs, and keeps what it has', async () => {
  const cancel = new AbortController()
  const hangs = (cursor: string | undefined) => {
    if (cursor !== '2') return book(5)(cursor)
    queueMicrotask(() => cancel.abort())
    return new Promise<never>(() => {})
  }
  const paged = await paginate(hangs, { signal: cancel.signal })
  expect(paged).toEqual({
    items: [0, 1, 2, 3],
    pages: 2,
    nextCursor: '2',
    truncated: true,
    stoppedBy: 'cancelled',
  })
})

test('paginate() drops a page that comes together with its cancellation, and says how to repeat it', async () => {
  const cancel = new AbortController()
  const late = async (cursor: string | undefined) => {
    cancel.abort()
    return book(5)(cursor)
  }
  const paged = await paginate(late, { signal: cancel.signal })
  expect(paged).toMatchObject({ items: [], pages: 0, nextCursor: null, stoppedBy: 'cancelled', truncated: true })
})

test('paginate() refuses bounds that are none', async () => {
  await expect(paginate(book(1), { maxPages: 0 })).rejects.toThrow(RangeError)
  await expect(paginate(book(1), { maxItems: 0 })).rejects.toThrow(RangeError)
})
