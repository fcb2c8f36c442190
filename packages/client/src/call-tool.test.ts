import { fail } from '@quartermaster/protocol'
import {
  createTool,
  failure,
  listTool,
  rateLimited,
  type ScriptedAnswer,
  type SeenCall,
  settle,
  success,
  until,
} from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { callTestbed, page } from '../test/call-testbed.ts'
import { callTool } from './call-tool.ts'

const setup = (answer: (call: SeenCall) => ScriptedAnswer | Promise<ScriptedAnswer>) =>
  callTestbed(answer, { random: 0.5 })

test('callTool() returns the text, the envelope and the quota it asked for', async () => {
  const quota = { status: 200, limit: 100, remaining: 42, reset: 7 }
  const { server, conn, options, events } = await setup(() => success(page, quota))
  const outcome = await callTool(conn, listTool, { limit: '1' }, { ...options, idempotencyKey: 'key-1' })
  expect(outcome).toEqual({ ok: true, text: JSON.stringify(page), envelope: page, quota, attempts: 1, ms: 0 })
  expect(server.calls[0]?.meta).toMatchObject({
    'quartermaster/want': ['ratelimit'],
    'quartermaster/idempotency-key': 'key-1',
  })
  expect(events.map((event) => event.type)).toEqual(['tool_call', 'tool_result'])
})

test('callTool() waits min(reset, 30 s) plus jitter after a 429, also for a write, and then succeeds', async () => {
  const { server, conn, clock, options, events } = await setup(({ nth }) =>
    nth === 1 ? rateLimited(7) : nth === 2 ? rateLimited(90) : success({ result: { id: '9' } }),
  )
  const call = callTool(conn, createTool, { email: 'a@b.c' }, options)
  await until(() => clock.sleeping().includes(7500))
  await clock.advance(7499)
  expect(server.calls).toHaveLength(1)
  await clock.advance(1)
  await until(() => server.calls.length === 2 && clock.sleeping().includes(30_500))
  await clock.advance(30_500)
  expect(await call).toMatchObject({ ok: true, attempts: 3, ms: 38_000 })
  expect(events.filter((event) => event.type === 'rate_limited')).toEqual([
    { type: 'rate_limited', tool: createTool.name, account: 'acme', attempt: 1, retryAfterS: 7, waitMs: 7500 },
    { type: 'rate_limited', tool: createTool.name, account: 'acme', attempt: 2, retryAfterS: 90, waitMs: 30_500 },
  ])
})

test('callTool() gives up after four 429s without sleeping once more', async () => {
  const { server, conn, clock, options } = await setup(() => rateLimited())
  const call = callTool(conn, listTool, {}, options)
  for (let attempt = 1; attempt < 4; attempt += 1) {
    // 2 s is the guide's figure for a refusal that names no reset.
    await until(() => clock.sleeping().includes(2500))
    await clock.advance(2500)
  }
  const outcome = await call
  expect(outcome).toMatchObject({
    ok: false,
    error: { code: 'rate_limited', status: 429, attempts: 4, retryable: true },
  })
  expect(outcome.ms).toBe(7500)
  expect(server.calls).toHaveLength(4)
})

test('callTool() reports a reset beyond five minutes at once, and spares the others the same question', async () => {
  const { server, conn, clock, options } = await setup(({ nth }) => (nth === 1 ? rateLimited(3600) : success(page)))
  const first = await callTool(conn, listTool, {}, options)
  expect(first).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterS: 3600, attempts: 1 }, ms: 0 })
  await clock.advance(10_000)
  const second = await callTool(conn, listTool, {}, options)
  expect(second).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterS: 3590, attempts: 0 } })
  expect(server.calls).toHaveLength(1)
  await clock.advance(20_000)
  expect(await callTool(conn, listTool, {}, options)).toMatchObject({ ok: true })
})

test('callTool() lets one 429 pause every other call of the account, and no other account', async () => {
  const { server, conn, clock, gate, options } = await setup(({ nth }) => (nth === 1 ? rateLimited(5) : success(page)))
  const refused = callTool(conn, listTool, { limit: '1' }, options)
  await until(() => gate.opensInMs('acme') === 5000)
  const others = [2, 3, 4].map((limit) => callTool(conn, listTool, { limit: String(limit) }, options))
  expect(await callTool(conn, listTool, {}, { ...options, account: 'other' })).toMatchObject({ ok: true })
  await settle()
  expect(server.calls).toHaveLength(2)
  await clock.advance(5500)
  for (const outcome of await Promise.all([refused, ...others])) expect(outcome.ok).toBe(true)
  expect(server.calls).toHaveLength(6)
})

test('callTool() keeps at most five requests of an account in flight', async () => {
  const gates: (() => void)[] = []
  const { server, conn, options } = await setup(async () => {
    await new Promise<void>((resolve) => gates.push(resolve))
    return success(page)
  })
  const calls = Array.from({ length: 12 }, (_, i) => callTool(conn, listTool, { limit: String(i) }, options))
  await until(() => gates.length === 5)
  for (let answered = 0; answered < 12; answered += 1) {
    await until(() => gates.length > answered)
    gates[answered]?.()
  }
  for (const outcome of await Promise.all(calls)) expect(outcome.ok).toBe(true)
  expect(server.peak()).toBe(5)
})

test('callTool() waits for the window to end when a success says that nothing is left', async () => {
  const { server, conn, clock, options, events } = await setup(({ nth }) =>
    success(page, { status: 200, limit: 10, remaining: nth === 1 ? 0 : 9, reset: 4 }),
  )
  await callTool(conn, listTool, {}, options)
  const next = callTool(conn, listTool, { limit: '2' }, options)
  await clock.advance(3999)
  expect(server.calls).toHaveLength(1)
  await clock.advance(1)
  expect(await next).toMatchObject({ ok: true, attempts: 1 })
  expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', reason: 'paced', waitMs: 4000 }))
})

test('callTool() repeats a read whose connection was cut', async () => {
  const { server, conn, clock, options, events } = await setup(({ nth }) => (nth === 1 ? 'drop' : success(page)))
  const call = callTool(conn, listTool, {}, options)
  await until(() => clock.sleeping().includes(1000))
  await clock.advance(1000)
  expect(await call).toMatchObject({ ok: true, attempts: 2 })
  expect(server.calls).toHaveLength(2)
  expect(events).toContainEqual(expect.objectContaining({ type: 'retry', code: 'connection_error', waitMs: 1000 }))
})

test('callTool() never repeats a write whose connection was cut', async () => {
  const { server, conn, options } = await setup(() => 'drop')
  const outcome = await callTool(conn, createTool, { email: 'a@b.c' }, options)
  expect(outcome).toMatchObject({ ok: false, error: { code: 'outcome_unknown', attempts: 1, retryable: false } })
  expect(outcome.ok === false && outcome.error.advice).toContain('Do not repeat the write')
  expect(server.calls).toHaveLength(1)
})

test('callTool() ends an attempt after 10 s and repeats a read', async () => {
  const { server, conn, clock, options } = await setup(({ nth }) => (nth === 1 ? 'hang' : success(page)))
  const call = callTool(conn, listTool, {}, options)
  await until(() => server.calls.length === 1)
  await clock.advance(9999)
  expect(server.calls).toHaveLength(1)
  await clock.advance(1)
  await until(() => clock.sleeping().includes(1000))
  await clock.advance(1000)
  expect(await call).toMatchObject({ ok: true, attempts: 2, ms: 11_000 })
})

test('callTool() does not repeat a write that timed out', async () => {
  const { server, conn, clock, options } = await setup(() => 'hang')
  const call = callTool(conn, createTool, { email: 'a@b.c' }, options)
  await until(() => server.calls.length === 1)
  await clock.advance(10_000)
  expect(await call).toMatchObject({ ok: false, error: { code: 'outcome_unknown', attempts: 1 } })
})

test('callTool() ends a wait when the caller cancels', async () => {
  const { server, conn, clock, gate, options } = await setup(() => rateLimited(20))
  const cancel = new AbortController()
  const call = callTool(conn, listTool, {}, { ...options, signal: cancel.signal })
  await until(() => clock.sleeping().includes(20_500))
  cancel.abort()
  expect(await call).toMatchObject({ ok: false, error: { code: 'cancelled', attempts: 1 } })
  expect(server.calls).toHaveLength(1)
  expect(gate.state('acme')).toMatchObject({ inFlight: 0, waiting: 0 })
  expect(clock.sleeping()).toEqual([])
})

test('callTool() abandons a running request when the caller cancels', async () => {
  const { server, conn, gate, options } = await setup(() => 'hang')
  const cancel = new AbortController()
  const call = callTool(conn, listTool, {}, { ...options, signal: cancel.signal })
  await until(() => server.calls.length === 1)
  cancel.abort()
  expect(await call).toMatchObject({ ok: false, error: { code: 'cancelled' } })
  expect(gate.state('acme').inFlight).toBe(0)
})

test('callTool() passes the server’s refusals on with code, advice and request id', async () => {
  const refusal = fail('missing_scope', 'The grant does not cover deals.', 'Ask for it.', { requestId: 'req_1' })
  const { server, conn, options } = await setup(() => failure(refusal))
  expect(await callTool(conn, listTool, {}, options)).toMatchObject({
    ok: false,
    error: {
      code: 'missing_scope',
      status: 403,
      message: 'The grant does not cover deals.',
      advice: 'Ask for it.',
      requestId: 'req_1',
      retryable: false,
      attempts: 1,
    },
  })
  expect(server.calls).toHaveLength(1)
})

test('callTool() obeys a plain HTTP 429 and its Retry-After', async () => {
  const { conn, clock, options } = await setup(({ nth }) =>
    nth === 1 ? { http: new Response('slow down', { status: 429, headers: { 'retry-after': '3' } }) } : success(page),
  )
  const call = callTool(conn, listTool, {}, options)
  await until(() => clock.sleeping().includes(3500))
  await clock.advance(3500)
  expect(await call).toMatchObject({ ok: true, attempts: 2 })
})

const json = { 'content-type': 'application/json' }
test.each([
  ['text that is no JSON', () => success('<html>hello</html>'), 'bad_answer'],
  ['JSON that is no envelope', () => success({ data: [] }), 'bad_answer'],
  ['no content at all', () => ({ content: [] }), 'bad_answer'],
  ['an HTTP body that is no JSON', () => ({ http: new Response('{', { headers: json }) }), 'bad_answer'],
  ['a JSON-RPC answer of the wrong shape', () => ({ http: new Response('[1,2]', { headers: json }) }), 'bad_answer'],
  ['a third-party error text', () => ({ ...success('boom \u202e\u0007'), isError: true }), 'tool_error'],
  ['an HTTP 404', () => ({ http: new Response('gone', { status: 404 }) }), 'access_refused'],
] as const)('callTool() answers %s with a typed error', async (_name, answer, code) => {
  const { conn, options } = await setup(answer as () => ScriptedAnswer)
  const outcome = await callTool(conn, listTool, {}, { ...options, policy: { maxAttempts: 1 } })
  expect(outcome).toMatchObject({ ok: false, error: { code, attempts: 1 } })
  expect(JSON.stringify(outcome)).not.toMatch(/[\u202e\u0007]|secret-path|html/)
})
