import { fail } from '@quartermaster/protocol'
import {
  failure,
  listTool,
  rateLimited,
  type ScriptedAnswer,
  type SeenCall,
  success,
  type TestClock,
  until,
} from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { callTestbed, page } from '../test/call-testbed.ts'
import { callTool } from './call-tool.ts'

const searchTool = { ...listTool, name: 'search_acme_contacts' }
const setup = (answer: (call: SeenCall) => ScriptedAnswer | Promise<ScriptedAnswer>, headers = {}) =>
  callTestbed(answer, {
    tools: [listTool, searchTool],
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      const all = new Headers([...response.headers, ...Object.entries<string>(headers)])
      return new Response(response.body, { status: response.status, headers: all })
    },
  })

test('callTool() closes only the quota that the refusal names, for the tools that count against it', async () => {
  const words = ['429 Too Many Requests', 'Wait.'] as const
  const limited = failure(fail('rate_limited', ...words, { retryAfterS: 4 }), {
    status: 429,
    remaining: 0,
    reset: 4,
    scope: 'secondly',
  })
  let searches = 0
  const { conn, clock, gate, options } = await setup(({ name }) => {
    if (name === listTool.name) return success(page, { status: 200, scope: 'ten-secondly' })
    searches += 1
    return searches === 1 ? limited : success(page)
  })
  await callTool(conn, listTool, { limit: '1' }, options)
  const search = callTool(conn, searchTool, {}, options)
  await until(() => gate.opensInMs('acme', searchTool.name) === 4000)
  expect(gate.opensInMs('acme', listTool.name)).toBe(0)
  expect(await callTool(conn, listTool, { limit: '2' }, options)).toMatchObject({ ok: true, attempts: 1 })
  await clock.advance(4000)
  expect(await search).toMatchObject({ ok: true, attempts: 2 })
})

test('callTool() paces from the RateLimit fields of the HTTP response, which the result does not show', async () => {
  const headers = { 'ratelimit-policy': '"burst";q=3;w=10', ratelimit: '"burst";r=1' }
  const { server, conn, clock, options, events } = await setup(() => success(page), headers)
  for (const limit of ['1', '2', '3']) void callTool(conn, listTool, { limit }, options)
  // One of three is ours, and one is left: so one belongs to somebody else.
  await until(() => server.calls.length === 3)
  const fourth = callTool(conn, listTool, { limit: '4' }, options)
  await until(() => events.some((event) => event.type === 'waiting' && event.reason === 'paced'))
  expect(server.calls).toHaveLength(3)
  // A window, and the fiftieth by which another's count may be behind.
  await clock.advance(10_200)
  expect(await fourth).toMatchObject({ ok: true, attempts: 1 })
})

test('callTool() reports a request above the SLA of one second, waits at the gate not counted', async () => {
  const clockBox: { clock?: TestClock } = {}
  const { conn, clock, events, options } = await setup(async ({ nth }) => {
    if (nth === 1) return rateLimited(5)
    await clockBox.clock?.advance(nth === 2 ? 1001 : 1000)
    return success(page)
  })
  clockBox.clock = clock
  const call = callTool(conn, listTool, {}, options)
  await until(() => clock.sleeping().includes(5000))
  await clock.advance(5000)
  expect(await call).toMatchObject({ ok: true, attempts: 2, ms: 6001 })
  await callTool(conn, listTool, { limit: '1' }, options)
  expect(events.filter(({ type }) => type === 'sla_exceeded')).toEqual([
    { type: 'sla_exceeded', tool: listTool.name, account: 'acme', attempt: 2, ms: 1001, slaMs: 1000 },
  ])
})
