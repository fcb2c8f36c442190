import { listTool, rateLimited, success, until } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { callTestbed, page } from '../test/call-testbed.ts'
import { callTool } from './call-tool.ts'

const setup = (limitedFor: (nth: number) => number | undefined) =>
  callTestbed(({ nth }) => {
    const seconds = limitedFor(nth)
    return seconds === undefined ? success(page) : rateLimited(seconds)
  })

test('maxWaitS ends a call at once whose reset is further away, and the others wait on', async () => {
  const { server, conn, clock, gate, events, options } = await setup((nth) => (nth === 1 ? 4 : undefined))
  const impatient = await callTool(conn, listTool, {}, { ...options, maxWaitS: 1 })
  expect(impatient).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterS: 4, attempts: 1 }, ms: 0 })
  expect(server.calls).toHaveLength(1)
  expect(events.map(({ type }) => type)).toEqual(['tool_call', 'rate_limited', 'tool_result'])
  const second = await callTool(conn, listTool, {}, { ...options, maxWaitS: 1 })
  expect(second).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterS: 4, attempts: 0 } })
  const patient = callTool(conn, listTool, {}, options)
  await until(() => gate.state('acme').waiting === 1)
  await clock.advance(4000)
  expect(await patient).toMatchObject({ ok: true, attempts: 1 })
})

test('maxWaitS leaves the line when the account is closed for longer meanwhile, and an abort is still an abort', async () => {
  const { conn, gate, clock, options } = await setup(() => undefined)
  gate.hold('acme', 1000)
  const waits = callTool(conn, listTool, {}, { ...options, maxWaitS: 2 })
  const cancel = new AbortController()
  const cancelled = callTool(conn, listTool, {}, { ...options, maxWaitS: 20, signal: cancel.signal })
  await until(() => gate.state('acme').waiting === 2)
  gate.hold('acme', 9000)
  expect(await waits).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterS: 9, attempts: 0 } })
  cancel.abort()
  expect(await cancelled).toMatchObject({ ok: false, error: { code: 'cancelled' } })
  expect(gate.state('acme').waiting).toBe(0)
  await clock.advance(9000)
})

test('maxWaitS waits for what is not longer', async () => {
  const { conn, clock, options, server } = await setup((nth) => (nth === 1 ? 4 : undefined))
  const run = callTool(conn, listTool, {}, { ...options, maxWaitS: 4 })
  await until(() => clock.sleeping().includes(4000))
  await clock.advance(4000)
  expect(await run).toMatchObject({ ok: true, attempts: 2 })
  expect(server.calls).toHaveLength(2)
})
