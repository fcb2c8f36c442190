import { Command, END, interrupt, MemorySaver, START, StateGraph, StateSchema } from '@langchain/langgraph'
import { callTool, RateGate } from '@quartermaster/client'
import { rateLimited, type ScriptedAnswer, type SeenCall, settle, success } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { connectedServer } from '../test/tools-testbed.ts'
import { type Mapped, mapRecords, recordOf } from './map-records.ts'
import { mappedValue } from './mapped-value.ts'

const State = new StateSchema({ ids: z.array(z.string()), deals: mappedValue(z.object({ id: z.string() })) })

function graphOf(each: (id: string) => Promise<Mapped<{ id: string }>>, branches?: number) {
  const deals = mapRecords({
    node: 'enrich',
    into: 'deals',
    from: (state: typeof State.State) => state.ids,
    next: 'report',
    each,
    ...(branches === undefined ? {} : { branches }),
  })
  return new StateGraph(State)
    .addNode('enrich', deals.branch)
    .addNode('report', () => ({}))
    .addConditionalEdges(START, deals.fanOut, ['enrich', 'report'])
    .addEdge('enrich', 'report')
    .addEdge('report', END)
    .compile({ checkpointer: new MemorySaver() })
}

const ids = (count: number) => Array.from({ length: count }, (_, nth) => `d${nth}`)
const thread = { configurable: { thread_id: 't' }, recursionLimit: 100 }

test('mapRecords() reads every record once over real MCP, within the gate, whatever the number of branches', async () => {
  const answer = ({ args }: SeenCall): ScriptedAnswer => success({ result: { id: args['id'] } })
  const { server, conn } = await connectedServer(answer)
  const gate = new RateGate()
  const graph = graphOf(async (id) =>
    recordOf(
      await callTool(conn, { name: 'get_deal', annotations: { readOnlyHint: true } }, { id }, { account: 'a', gate }),
    ),
  )
  const state = await graph.invoke({ ids: ids(300) }, thread)
  expect(Object.keys(state.deals.results)).toHaveLength(300)
  expect(server.calls).toHaveLength(300)
  expect(server.peak()).toBeLessThanOrEqual(5)
})

test('a record that fails costs only itself, and the next visit does what is left and nothing twice', async () => {
  const asked: string[] = []
  let broken = true
  const graph = graphOf(async (id) => {
    asked.push(id)
    if (id === 'd3' && broken) return { ok: false, error: { code: 'not_found', message: 'gone' } }
    if (id === 'd7' && broken) throw new Error('a mistake')
    return { ok: true, value: { id } }
  }, 4)
  const first = await graph.invoke({ ids: ids(20) }, thread)
  expect(first.deals.failures).toEqual({
    d3: { code: 'not_found', message: 'gone' },
    d7: { code: 'error', message: 'a mistake' },
  })
  expect(Object.keys(first.deals.results)).toHaveLength(18)
  broken = false
  const second = await graph.invoke({ ids: ids(20) }, thread)
  expect(second.deals.failures).toEqual({})
  expect(Object.keys(second.deals.results)).toHaveLength(20)
  expect(asked.slice(20).sort()).toEqual(['d3', 'd7'])
  await graph.invoke({ ids: ids(20) }, thread)
  expect(asked).toHaveLength(22)
})

test('a branch stops where the quota is gone, and says how far it came', async () => {
  const { server, conn } = await connectedServer(({ nth }) =>
    nth <= 3 ? success({ result: { id: `d${nth - 1}` } }) : rateLimited(3_600),
  )
  const gate = new RateGate()
  const graph = graphOf(
    async (id) =>
      recordOf(
        await callTool(conn, { name: 'get', annotations: { readOnlyHint: true } }, { id }, { account: 'a', gate }),
      ),
    1,
  )
  const state = await graph.invoke({ ids: ids(50) }, thread)
  expect(Object.keys(state.deals.results)).toEqual(['d0', 'd1', 'd2'])
  expect(state.deals.failures).toMatchObject({ d3: { code: 'rate_limited', retryAfterS: 3_600 } })
  expect(server.calls).toHaveLength(4)
})

test('mapRecords() refuses bounds and items that make no sense', async () => {
  expect(() => graphOf(async () => ({ ok: true, value: { id: '1' } }), 0)).toThrow(RangeError)
  const { fanOut } = mapRecords({
    node: 'n',
    into: 'deals',
    from: () => [{}],
    next: END,
    each: async () => ({ ok: true, value: 1 }),
  })
  expect(() => fanOut({})).toThrow('neither an id nor a record with one')
})

/** Counts what is asked, and how many at a time. */
function counted(stop: (id: string) => void) {
  const seen = { asked: [] as string[], atOnce: 0, most: 0 }
  const each = async (id: string): Promise<Mapped<{ id: string }>> => {
    seen.asked.push(id)
    seen.atOnce += 1
    seen.most = Math.max(seen.most, seen.atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    seen.atOnce -= 1
    stop(id)
    return { ok: true, value: { id } }
  }
  return { seen, each }
}

test('an interrupt keeps every other record, and going on repeats only the one that waited', async () => {
  const { seen, each } = counted((id) => {
    if (id === 'd10') interrupt('may I?')
  })
  const graph = graphOf(each, 1)
  const stopped = await graph.invoke({ ids: ids(20) }, thread)
  expect(Object.keys(stopped.deals.results)).toHaveLength(19)
  expect(Object.keys((await graph.getState(thread)).values.deals.results)).toHaveLength(19)
  const done = await graph.invoke(new Command({ resume: true }), thread)
  expect(Object.keys(done.deals.results)).toHaveLength(20)
  expect(seen.asked).toHaveLength(21)
  expect(seen.most).toBe(1)
})

test('a cancelled run of thousands keeps its batches, and going on repeats little and loses nothing', async () => {
  const cancel = new AbortController()
  const { seen, each } = counted(() => {
    if (seen.asked.length === 2_000) cancel.abort()
  })
  const graph = graphOf(each, 25)
  await expect(graph.invoke({ ids: ids(3_000) }, { ...thread, signal: cancel.signal })).rejects.toThrow()
  const kept = Object.keys((await graph.getState(thread)).values.deals.results).length
  expect(kept).toBeGreaterThan(1_500)
  const done = await graph.invoke(null, thread)
  expect(Object.keys(done.deals.results)).toHaveLength(3_000)
  // 25 batches of six were under way.
  expect(seen.asked.length).toBeLessThanOrEqual(3_000 + 25 * 6)
  expect(seen.most).toBe(25)
})

test('a cancelled run asks for no other record of a batch that is under way, and repeats that batch', async () => {
  const cancel = new AbortController()
  const { seen, each } = counted((id) => {
    if (id === 'd1') cancel.abort()
  })
  // Shares of three, one at a time.
  const graph = graphOf(each, 1)
  await expect(graph.invoke({ ids: ids(1_500) }, { ...thread, signal: cancel.signal })).rejects.toThrow()
  await settle()
  expect(seen.asked).toEqual(['d0', 'd1'])
  const done = await graph.invoke(null, thread)
  expect(Object.keys(done.deals.results)).toHaveLength(1_500)
  expect(seen.asked).toHaveLength(1_502)
})

test('half a batch is not handed back as a whole one', async () => {
  const cancel = new AbortController()
  const { seen, each } = counted(() => cancel.abort(new Error('enough')))
  const deals = mapRecords({ node: 'n', into: 'deals', from: () => ids(1_500), next: END, each })
  const [batch] = deals.fanOut({})
  if (typeof batch !== 'object') throw new Error('nothing to do')
  await expect(deals.branch(batch.args, { signal: cancel.signal })).rejects.toThrow('enough')
  expect(seen.asked).toEqual(['d0'])
})

test('the branches that find the quota gone end; those that wait in line for them leave the rest undone', async () => {
  const asked: string[] = []
  const graph = graphOf(async (id) => {
    asked.push(id)
    return { ok: false, error: { code: 'rate_limited', message: 'gone', retryAfterS: 3_600 } }
  }, 3)
  const state = await graph.invoke({ ids: ids(1_000) }, thread)
  expect(asked).toHaveLength(3)
  expect(Object.keys(state.deals.failures)).toHaveLength(3)
})
