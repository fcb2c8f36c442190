/** @module What the legacy SSE transport promises, over real sockets. */
import { until } from '@quartermaster/testing'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openSse, type RawSse } from './raw-sse.ts'

const TOOL = 'list_all_hub_spot_contacts'
let testbed: Testbed
let bearer: { authorization: string }
let issued: { id: string; url: string; token: string }
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  bearer = { authorization: `Bearer ${testbed.server.adminToken}` }
})
beforeEach(async () => {
  issued = await testbed.issue('hubspot', { methods: ['read', 'write'] })
  testbed.control('hubspot').clearFaults()
  testbed.control('hubspot').clearWindows()
  testbed.control('hubspot').resetCounters()
})
afterAll(() => testbed.close())

async function open(url = issued.url, headers: Record<string, string> = bearer): Promise<RawSse> {
  const sse = await openSse(url, headers)
  onTestFinished(() => sse.close())
  return sse
}

const callOf = (id: number, args: unknown, name = TOOL) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})
const vendorRequests = () =>
  Object.values(testbed.control('hubspot').counters().requests).reduce((sum, count) => sum + count, 0)

test.each(['', '/sse'])('a stream on <url>%s names its relative message address first, unbuffered', async (path) => {
  const sse = await open(issued.url + path)
  expect(sse.endpoint).toMatch(new RegExp(`^/mcp/${issued.token}/messages\\?sessionId=[0-9A-Za-z]{22}$`))
  expect(sse.response.headers.get('content-type')).toBe('text/event-stream')
  expect(sse.response.headers.get('x-accel-buffering')).toBe('no')
  expect(sse.response.headers.get('cache-control')).toBe('no-store')
})

test('a GET that newer clients send is refused with Allow, whatever the token; /sse takes it', async () => {
  for (const header of ['mcp-protocol-version', 'mcp-session-id']) {
    for (const url of [issued.url, `${testbed.server.url}/mcp/nothing`]) {
      const response = await fetch(url, { headers: { ...bearer, [header]: '2025-11-25' } })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    }
    await open(`${issued.url}/sse`, { ...bearer, [header]: '2025-11-25' })
  }
})

test('ten calls on one session interleave: each is accepted at once, and none waits for the slowest', async () => {
  const sse = await open()
  // The account's custom fields are asked for once, and all callers of that moment wait for them together.
  await sse.ask('first', 'tools/call', { name: TOOL, arguments: { limit: '1' } })
  testbed.control('hubspot').resetCounters()
  testbed.control('hubspot').arm({ kind: 'latency', ms: 1_000, times: 1 })
  const accepted = await sse.post(callOf(0, { limit: '1' }))
  expect(accepted.status).toBe(202)
  expect(await accepted.text()).toBe('')
  await until(() => vendorRequests() === 1)
  const posts = await Promise.all(Array.from({ length: 9 }, (_, nth) => sse.post(callOf(nth + 1, { limit: '1' }))))
  expect(posts.map(({ status }) => status)).toEqual(Array(9).fill(202))
  await until(() => sse.messages.length === 11)
  expect(sse.messages.at(-1)?.id).toBe(0)
  expect(new Set(sse.messages.map(({ id }) => id)).size).toBe(11)
  for (const { result } of sse.messages)
    expect(JSON.parse(result!.content![0]!.text)).toMatchObject({ result_count: 1 })
})

test('an unknown session is 404 before anything else is looked at; a known one needs its URL and second factor', async () => {
  const sse = await open()
  const nowhere = await fetch(`${testbed.server.url}/mcp/nothing/messages?sessionId=nothing`, {
    method: 'POST',
    body: '{',
  })
  expect(nowhere.status).toBe(404)
  const message = callOf(1, { limit: '1' })
  expect((await sse.post(message, { authorization: '' })).status).toBe(401)
  expect((await sse.post(message, { authorization: 'Bearer qm_wrong' })).status).toBe(401)

  const { token } = (await testbed.admin('POST', '/api-token', { name: 'other', tenant: 'acme', scopes: ['runtime'] }))
    .body as { token: string }
  expect((await sse.post(message, { authorization: `Bearer ${token}` })).status).toBe(404)

  const other = await testbed.issue('hubspot')
  const crossed = new URL(sse.endpoint.replace(issued.token, other.token), issued.url)
  const response = await fetch(crossed, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify(message),
  })
  expect(response.status).toBe(404)
  expect(sse.messages).toEqual([])
  expect(vendorRequests()).toBe(0)
})

test('errors of every kind come on the stream, and a failed call leaves the session alive', async () => {
  const sse = await open()
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 1 })
  const limited = await sse.ask(1, 'tools/call', { name: TOOL, arguments: {} })
  expect(limited.result?.isError).toBe(true)
  expect(limited.result?.content?.[0]?.text).toContain('429 Too Many Requests')
  expect((await sse.ask(2, 'tools/call', { name: 'nothing' })).result?.isError).toBe(true)
  expect((await sse.ask(3, 'no/such/method')).error?.code).toBe(-32_601)
  expect((await sse.ask(4, 'server/discover')).error?.code).toBe(-32_601)
  expect((await sse.post({ jsonrpc: '2.0', id: { a: 1 }, method: 'ping' })).status).toBe(202)
  expect((await sse.post({ id: 5, method: 'ping' })).status).toBe(202)
  await until(() => sse.messages.length === 6)
  expect(sse.messages.slice(4).map(({ error }) => error?.code)).toEqual([-32_600, -32_600])
  expect((await sse.post('{"jsonrpc":')).status).toBe(400)
  expect((await sse.post(callOf(6, { x: 'x'.repeat(1_100_000) }))).status).toBe(413)
  expect((await sse.post({}, { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await sse.ask(7, 'ping')).result).toEqual({})
})

test('a cancelled call is aborted at the system and not answered', async () => {
  const sse = await open()
  testbed.control('hubspot').arm({ kind: 'latency', ms: 5_000, times: 1 })
  await sse.post(callOf(1, { limit: '1' }))
  await until(() => vendorRequests() === 1)
  await sse.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } })
  await until(() => testbed.logs.some((line) => line.includes('"outcome":"cancelled"')))
  expect((await sse.ask(2, 'ping')).result).toEqual({})
  expect(sse.messages.map(({ id }) => id)).toEqual([2])
})

test('a client that goes away takes its calls with it', async () => {
  const sse = await open()
  const before = testbed.logs.filter((line) => line.includes('"outcome":"cancelled"')).length
  testbed.control('hubspot').arm({ kind: 'latency', ms: 5_000, times: 1 })
  await sse.post(callOf(1, { limit: '1' }))
  await until(() => vendorRequests() === 1)
  sse.close()
  await until(() => testbed.logs.filter((line) => line.includes('"outcome":"cancelled"')).length > before)
})

test('sessions that use the same ids at the same time get their own answers', async () => {
  const sessions = await Promise.all(
    Array.from({ length: 20 }, async (_, nth) => ({ sse: await open((await testbed.issue('hubspot')).url), nth })),
  )
  await Promise.all(
    sessions.map(async ({ sse, nth }) => {
      const args = { limit: String(nth + 1) }
      const answers = await Promise.all(
        [1, 2, 3].map((id) => sse.ask(id, 'tools/call', { name: TOOL, arguments: args })),
      )
      for (const { result } of answers) {
        expect(JSON.parse(result!.content![0]!.text)).toMatchObject({ result_count: nth + 1 })
      }
    }),
  )
})

test('one URL cannot take all streams, and a closed stream makes room', async () => {
  const streams = await Promise.all(Array.from({ length: 16 }, () => open()))
  const refused = await fetch(issued.url, { headers: bearer })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  await open((await testbed.issue('hubspot')).url)
  streams[0]!.close()
  const tryAgain = async () => {
    const response = await fetch(issued.url, { headers: bearer })
    await response.body?.cancel()
    return response.status
  }
  let reopened = 503
  for (let tries = 0; reopened === 503 && tries < 500; tries += 1) reopened = await tryAgain()
  expect(reopened).toBe(200)
})

test('revoking the URL, the API token or the account ends the streams within a second', async () => {
  const { id, token } = (
    await testbed.admin('POST', '/api-token', { name: 'short', tenant: 'acme', scopes: ['runtime'] })
  ).body as { id: string; token: string }
  const other = await testbed.issue('hubspot')
  const [byUrl, byToken, unharmed] = [
    await open(issued.url),
    await open(other.url, { authorization: `Bearer ${token}` }),
    await open(other.url),
  ]
  for (const [sse, path] of [
    [byUrl, `/mcp-server/${issued.id}`],
    [byToken, `/api-token/${id}`],
  ] as const) {
    expect((await sse.ask('before', 'ping')).result).toEqual({})
    expect((await testbed.admin('DELETE', path)).status).toBe(204)
    await sse.ended
  }
  expect((await unharmed.ask('after', 'ping')).result).toEqual({})
})

test('rotating the URL or the API token without an overlap ends the streams that the old secret has opened', async () => {
  const { id, token } = (
    await testbed.admin('POST', '/api-token', { name: 'short', tenant: 'acme', scopes: ['runtime'] })
  ).body as { id: string; token: string }
  const [own, other] = [await testbed.issue('hubspot'), await testbed.issue('hubspot')]
  const [byUrl, byToken] = [await open(own.url), await open(other.url, { authorization: `Bearer ${token}` })]
  for (const [sse, path] of [
    [byUrl, `/mcp-server/${own.id}/rotate`],
    [byToken, `/api-token/${id}/rotate`],
  ] as const) {
    // While both secrets work, so does the stream.
    expect((await testbed.admin('POST', path, {})).status).toBe(200)
    expect((await sse.ask('during', 'ping')).result).toEqual({})
    expect((await testbed.admin('POST', path, { overlap_s: 0 })).status).toBe(200)
    await sse.ended
  }
})
