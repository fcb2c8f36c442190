import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestServer, success } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { connect } from './connect.ts'

test('connect() speaks the newest revision, lists tools with their meta and calls one', async () => {
  const server = await startTestServer(() => success({ result: [{ id: '1' }], next_cursor: null, result_count: 1 }))
  const conn = await connect(server.url, { token: 'qm_secret' })
  const tools = await conn.listTools()
  const result = await conn.callTool({ name: 'list_all_acme_contacts', arguments: { limit: '5' } })
  await conn.close()
  await server.close()

  expect(conn.protocolVersion).toBe('2026-07-28')
  expect(tools.map((tool) => tool.name)).toEqual(['list_all_acme_contacts', 'create_a_acme_contact'])
  expect(tools[0]?._meta?.['quartermaster/tool']).toMatchObject({ kind: 'list', tags: ['crm', 'contacts'] })
  expect(tools[0]?.annotations?.readOnlyHint).toBe(true)
  expect(result.content).toEqual([
    { type: 'text', text: '{"result":[{"id":"1"}],"next_cursor":null,"result_count":1}' },
  ])
  expect(server.calls[0]?.args).toEqual({ limit: '5' })
})

test('connect() sends the token as a Bearer token with every request', async () => {
  const server = await startTestServer(() => success({ result: {} }))
  const seen: (string | null)[] = []
  const conn = await connect(server.url, {
    token: 'qm_secret',
    fetch: (input, init) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return fetch(input, init)
    },
  })
  await conn.listTools()
  await conn.close()
  await server.close()
  expect(seen.length).toBeGreaterThanOrEqual(2)
  expect(new Set(seen)).toEqual(new Set(['Bearer qm_secret']))
})

const broken = (status: number, headers: Record<string, string> = {}) =>
  connect('https://crm.test/mcp/secret-path', {
    token: 'qm_secret',
    fetch: async () => new Response(status >= 300 && status < 400 ? null : 'leaky body', { status, headers }),
  })

test.each([
  [401, 'the API token is missing, revoked or of another tenant'],
  [404, 'HTTP 404'],
  [503, 'HTTP 503'],
])('connect() says why there is no connection: HTTP %i', async (status, words) => {
  const error = await broken(status).catch((e: unknown) => e as Error)
  expect(error).toMatchObject({ name: 'ConnectError', code: status === 401 ? 'unauthorized' : 'http_error', status })
  expect(String(error)).toContain(words)
  expect(String(error)).toContain('https://crm.test')
  expect(String(error)).not.toMatch(/secret|leaky/)
})

test('connect() follows no redirect, not even within the host', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const refused = { code: 'redirected', status: 307, message: expect.stringContaining('sends elsewhere') }
  await expect(connect(`http://127.0.0.1:${port}/mcp/x`)).rejects.toMatchObject(refused)
  await new Promise((resolve) => server.close(resolve))
  await expect(connect(`http://127.0.0.1:${port}/mcp/x`)).rejects.toMatchObject({
    code: 'unreachable',
    status: undefined,
  })
  expect(new Set(asked)).toEqual(new Set(['/mcp/x']))
})

test.each<[string, object, () => Response]>([
  [
    'rate_limited',
    { status: 429, retryAfterS: 7 },
    () => new Response('no', { status: 429, headers: { 'retry-after': '7' } }),
  ],
  ['invalid_answer', {}, () => new Response('<html>hello</html>', { headers: { 'content-type': 'text/html' } })],
  ['invalid_answer', {}, () => new Response('x', { headers: { 'content-length': '99999999' } })],
])('connect() tells %s by its code, with %o', async (code, facts, answer) => {
  const error = await connect('https://crm.test/mcp/secret-path', { fetch: async () => answer() }).catch(
    (e: unknown) => e,
  )
  expect(error).toMatchObject({ name: 'ConnectError', code, ...facts })
  expect(String(error)).not.toMatch(/secret|html/)
})

test('connect() that was called off says so', async () => {
  const signal = AbortSignal.abort()
  await expect(connect('https://crm.test/mcp/x', { signal, fetch: () => new Promise(() => {}) })).rejects.toMatchObject(
    {
      code: 'cancelled',
    },
  )
})

test.each(['ftp://crm.test/mcp', 'not a url', 'https://user:pw@crm.test/mcp'])('connect() refuses %s', async (url) => {
  await expect(connect(url)).rejects.toThrow(TypeError)
})

test('connect() gives up on a server that never answers', async () => {
  const silent = connect('https://crm.test/mcp/x', {
    timeoutMs: 20,
    fetch: (_input, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))),
  })
  await expect(silent).rejects.toThrow('Cannot connect to https://crm.test: the server did not answer in time')
})

test('listTools() says why there is no list, without the server’s words', async () => {
  const server = await startTestServer(() => success({ result: {} }))
  let revoked = false
  const conn = await connect(server.url, {
    fetch: (input, init) => (revoked ? Promise.resolve(new Response('leaky', { status: 401 })) : fetch(input, init)),
  })
  revoked = true
  const error = await conn.listTools().catch((e: unknown) => e)
  await conn.close()
  await server.close()
  expect(String(error)).toMatch(/Cannot list the tools of http:.*unknown, expired or revoked/)
  expect(String(error)).not.toMatch(/leaky|secret/)
})

const many = (count: number) =>
  Array.from({ length: count }, (_, nth) => ({ name: `tool_${nth}`, inputSchema: { type: 'object' } }))

/** What the newest revision wants beside a list. */
const envelope = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
const listFault = /^ConnectError: Cannot list the tools of http:/

test.each<[string, (nth: number) => unknown, RegExp]>([
  [
    'two good pages: the control',
    (nth) => (nth === 1 ? { tools: many(2), nextCursor: 'c1' } : { tools: many(1) }),
    /^3 tools/,
  ],
  ['no list', () => ({}), listFault],
  ['a text for a list', () => ({ tools: 'all of them' }), listFault],
  ['tools that are none', () => ({ tools: [{ name: 7 }] }), listFault],
  ['the same cursor for ever: that is the end', () => ({ tools: many(1), nextCursor: 'again' }), /^1 tools/],
  ['ever-new cursors', (nth) => ({ tools: many(1), nextCursor: `c${nth}` }), listFault],
  [
    'more tools than anybody could use',
    () => ({ tools: many(300) }),
    /^ConnectError: Cannot use 300 tools of one server/,
  ],
])('listTools() ends, readably, when a server answers with %s', async (_what, answer, expected) => {
  const server = await startTestServer(() => success({ result: {} }))
  let asked = 0
  const conn = await connect(server.url, {
    fetch: async (input, init) => {
      const { method, id } = typeof init?.body === 'string' ? JSON.parse(init.body) : {}
      if (method !== 'tools/list') return fetch(input, init)
      asked += 1
      return Response.json({ jsonrpc: '2.0', id, result: { ...envelope, ...Object(answer(asked)) } })
    },
  })
  const outcome = await conn.listTools().then(
    (tools) => `${tools.length} tools`,
    (error: unknown) => String(error),
  )
  await conn.close()
  await server.close()
  expect(outcome).toMatch(expected)
  expect(asked).toBeLessThanOrEqual(8)
})
