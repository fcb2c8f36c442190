/** @module How long streams live, and what ends them; time and revocation are in the test's hands. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import type { Answer } from '../pipeline/call.ts'
import { noSession, type StreamCredentials, sseSessions } from './sse-sessions.ts'

const ok: Answer = { ok: true, records: [], quotas: [] }
const second = 1_000

/** @param random Decides how long a round waits; by default so long that only `pass` looks. */
function openSessions(send: () => Promise<Answer> = async () => ok, random = () => 1_000) {
  let now = 0
  let ids = 0
  const revoked = new Set<string>()
  const sessions = sseSessions({
    endpoint: {
      invoke: send,
      serverInfo: { name: 'quartermaster', version: '0' },
      requestId: () => 'req_1',
    },
    now: () => now,
    random,
    newSessionId: () => `session${++ids}`,
    findRevoked: async (streams) => new Set(streams.filter(({ access }) => revoked.has(access.server.id))),
    onError: (error) => expect.unreachable(String(error)),
    caps: { perUrl: 2, perTenant: 3, perProcess: 4 },
  })
  const open = (id = 'mcp_a', tenant = 'acme') => {
    const sample = sampleAccess([sampleMethod()])
    const credentials: StreamCredentials = {
      access: { ...sample, server: { ...sample.server, id, tenant } },
      urlHash: id,
    }
    return sessions.open(credentials, (sessionId) => `/mcp/x/messages?sessionId=${sessionId}`)
  }
  const post = (sessionId: string, message: object) =>
    sessions.post(
      sessionId,
      new Request('http://x/', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      }),
      sampleAccess([sampleMethod()]),
    )
  const pass = (ms: number) => {
    now += ms
    return sessions.tick()
  }
  return { sessions, open, post, pass, revoked }
}

test('sseSessions() pings every 20 s, and leaves no more than an hour of silence standing', async () => {
  const { open, pass, post } = openSessions()
  const reader = open().body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toBe('event: endpoint\ndata: /mcp/x/messages?sessionId=session1\n\n')
  await pass(19 * second)
  await pass(1 * second)
  expect((await reader.read()).value).toBe(': ping\n\n')
  await pass(10 * second)
  await pass(10 * second)
  expect((await reader.read()).value).toBe(': ping\n\n')
  await post('session1', { id: 1, method: 'ping' })
  expect((await reader.read()).value).toContain('"result":{}')
  await pass(3_599 * second)
  expect((await reader.read()).value).toBe(': ping\n\n')
  await pass(1 * second)
  expect((await reader.read()).done).toBe(true)
  expect((await post('session1', { id: 2, method: 'ping' })).status).toBe(404)
})

test('sseSessions() ends streams whose URL was revoked, and only those', async () => {
  const { sessions, open, pass, revoked } = openSessions()
  const [dead, alive] = [open('mcp_a'), open('mcp_b')]
  revoked.add('mcp_a')
  expect(await pass(1)).toBe(1)
  expect(sessions.size()).toBe(1)
  expect(await dead.text()).toMatch(/^event: endpoint/)
  expect(sessions.credentialsOf('session2')?.access.server.id).toBe('mcp_b')
  await alive.body?.cancel()
  expect(sessions.size()).toBe(0)
})

test('sseSessions() ends a stream within half a second of its revocation, by itself', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { sessions, open, revoked } = openSessions(undefined, () => 1)
  open('mcp_a')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sessions.size()).toBe(1)
  revoked.add('mcp_a')
  await vi.advanceTimersByTimeAsync(500)
  expect(sessions.size()).toBe(0)
})

test('sseSessions() caps streams for a URL, a tenant and the process, and gives every slot back', async () => {
  const { sessions, open } = openSessions()
  const first = open('mcp_a')
  expect([open('mcp_a'), open('mcp_a'), open('mcp_b'), open('mcp_c')].map(({ status }) => status)).toEqual([
    200, 503, 200, 503,
  ])
  expect([open('mcp_d', 'other'), open('mcp_e', 'third')].map(({ status }) => status)).toEqual([200, 503])
  await first.body?.cancel()
  expect(open('mcp_a').status).toBe(200)
  expect(sessions.size()).toBe(4)
})

test('sseSessions() cuts off a reader that takes nothing while answers pile up', async () => {
  const records = Array.from({ length: 100 }, (_, nth) => ({ id: String(nth), note: 'x'.repeat(10_000) }))
  const { sessions, open, post } = openSessions(async () => ({ ok: true, records, quotas: [] }))
  const response = open()
  for (let id = 0; id < 20 && sessions.size() > 0; id += 1) {
    await post('session1', { id, method: 'tools/call', params: { name: 'list_all_acme_contacts', arguments: {} } })
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sessions.size()).toBe(0)
  await expect(response.text()).rejects.toThrow('the reader does not read')
})

test('sseSessions() opens nothing while draining, ends idle streams at once and busy ones after their answer', async () => {
  const answer = Promise.withResolvers<Answer>()
  const { sessions, open, post } = openSessions(() => answer.promise)
  const [idle, busy] = [open('mcp_a'), open('mcp_a')]
  const params = { name: 'list_all_acme_contacts', arguments: {} }
  expect((await post('session2', { id: 1, method: 'tools/call', params })).status).toBe(202)
  sessions.drain()
  expect(open('mcp_b').status).toBe(503)
  await idle.text()
  expect(sessions.size()).toBe(1)
  answer.resolve(ok)
  expect(await busy.text()).toContain('result_count')
  expect(sessions.size()).toBe(0)
  await sessions.close()
})

test('sseSessions() refuses a second request with an id that is under way, and answers after the first', async () => {
  const answer = Promise.withResolvers<Answer>()
  const { sessions, open, post } = openSessions(() => answer.promise)
  const reader = open().body!.pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  const call = { id: 'same', method: 'tools/call', params: { name: 'list_all_acme_contacts', arguments: {} } }
  await post('session1', call)
  await post('session1', call)
  expect((await reader.read()).value).toContain('another request with this id is under way')
  answer.resolve(ok)
  expect((await reader.read()).value).toContain('result_count')
  expect(noSession().status).toBe(404)
  await sessions.close()
})
