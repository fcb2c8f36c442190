import { type Connected, connect } from '@quartermaster/client'
import { fail } from '@quartermaster/protocol'
import {
  createTool,
  failure,
  listTool,
  rateLimited,
  startTestServer,
  success,
  type TestServer,
} from '@quartermaster/testing'
import { afterEach, expect, test } from 'vitest'
import { measure } from './measure.ts'
import { showLatency } from './show-latency.ts'

const page = { result: [{ id: '7' }], next_cursor: null, result_count: 1 }
const open: { server?: TestServer; conn?: Connected } = {}
afterEach(async () => {
  await open.conn?.close()
  await open.server?.close()
})

async function setup(...[answer, tools]: Parameters<typeof startTestServer>) {
  const server = await startTestServer(answer, tools)
  const conn = await connect(server.url)
  Object.assign(open, { server, conn })
  return { server, conn }
}

/** Each look at the clock is so many milliseconds after the last. */
function ticking(...steps: number[]) {
  let at = 0
  let look = 0
  return () => {
    at += look % 2 === 0 ? 0 : (steps[Math.floor(look / 2) % steps.length] ?? 0)
    look += 1
    return at
  }
}

const getTool = {
  ...listTool,
  name: 'get_single_acme_contact_by_id',
  inputSchema: { type: 'object' as const, properties: { id: { type: 'string' } }, required: ['id'] },
}

test('measure() calls only tools that read, with arguments it can know, and leaves the first call out', async () => {
  const needsQuery = { ...getTool, name: 'search', inputSchema: { ...getTool.inputSchema, required: ['query'] } }
  const { server, conn } = await setup(() => success(page), [listTool, createTool, getTool, needsQuery])
  const now = ticking(900, 10, 20, 30, 40)
  const tools = await measure(conn, { calls: 4, now })
  expect(tools).toEqual([
    { tool: listTool.name, calls: 4, p50: 20, p95: 40, p99: 40, max: 40 },
    { tool: getTool.name, calls: 4, p50: 20, p95: 40, p99: 40, max: 40 },
  ])
  const names = server.calls.map(({ name }) => name)
  expect(names).not.toContain(createTool.name)
  expect(names).not.toContain('search')
  expect(server.calls.filter(({ name }) => name === getTool.name).every(({ args }) => args['id'] === '7')).toBe(true)
})

test('measure() stops a tool at its first failure and says its code, but waits out a short quota', async () => {
  const gone = failure(fail('needs_reauth', 'Gone.', 'Connect again.'))
  const answers = ({ nth }: { nth: number }) => (nth === 3 ? rateLimited(9) : nth < 6 ? success(page) : gone)
  const { server, conn } = await setup(answers, [listTool])
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  expect(await measure(conn, { calls: 50, sleep })).toMatchObject([{ calls: 3, failed: 'needs_reauth' }])
  expect(server.calls).toHaveLength(6)
  expect(waits).toEqual([9000])
})

test('measure() gives up on a quota that is gone for long', async () => {
  const { server, conn } = await setup(() => rateLimited(3600), [listTool])
  expect(await measure(conn, { calls: 50 })).toMatchObject([{ calls: 0, failed: 'rate_limited' }])
  expect(server.calls).toHaveLength(1)
})

test('measure() refuses a tool that writes and one that does not exist', async () => {
  const { conn } = await setup(() => success(page))
  await expect(measure(conn, { calls: 1, tool: createTool.name })).rejects.toThrow('it writes')
  await expect(measure(conn, { calls: 1, tool: 'nope' })).rejects.toThrow(`There are: ${listTool.name}`)
})

test('showLatency() marks the limit and names what is above it', () => {
  const slow = { tool: 'slow', calls: 9, p50: 400, p95: 1200, p99: 1300, max: 1300 }
  const fast = { tool: 'fast', calls: 9, p50: 100, p95: 120, p99: 130, max: 130 }
  expect(showLatency([fast, slow], 1000)).toContain('p95 above 1000 ms: slow')
  expect(showLatency([fast], 1000)).toContain('every p95 is within 1000 ms')
  expect(showLatency([fast], 1000)).toMatch(/fast +9 +100 ms +120 ms +130 ms/)
})
