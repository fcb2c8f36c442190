/** @module Both protocol eras against real clients over real HTTP. */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { fail, RATE_LIMIT_META, TOOL_META, WANT_META } from '@quartermaster/protocol'
import { afterAll, expect, test } from 'vitest'
import { authorize } from '../invoke/authorize.ts'
import { bind } from '../invoke/bind.ts'
import { type Answer, type Call, compose, type Invoke, refuse } from '../invoke/call.ts'
import { redact } from '../invoke/redact.ts'
import { sampleAccess, sampleField, sampleMethod } from '../tools/sample.test.fixture.ts'
import { createMcpEndpoint } from './endpoint.ts'
import type { EndpointEvent } from './log.ts'

const quotas = [{ policy: 'daily', limit: 100, remaining: 40, resetS: 60 }]
const jane = { id: '501', first_name: 'Jane', email_addresses: [{ email: 'jane@acme.com', is_primary: true }] }
const methods = [
  sampleMethod(),
  sampleMethod({
    kind: 'get',
    tool: { name: 'get_single_acme_contact_by_id', title: 'Get contact', description: 'Get one contact.' },
  }),
  sampleMethod({
    kind: 'create',
    tool: { name: 'create_an_acme_contact', title: 'Create contact', description: 'Create a contact.' },
    input: [sampleField('email', { required: true })],
  }),
]

const closers: (() => void)[] = []
afterAll(() => {
  for (const close of closers) close()
})

/** Serves `send` behind the guards on a free port. */
async function start(send: Invoke) {
  const events: EndpointEvent[] = []
  let calls = 0
  const cursors = { seal: (cursor: string) => `sealed.${cursor}`, open: (sealed: string) => sealed.split('.')[1] }
  const endpoint = createMcpEndpoint({
    invoke: compose([authorize(), bind(cursors), redact()], send),
    serverInfo: { name: 'quartermaster', version: '0.1.0' },
    requestId: () => `req_${++calls}`,
    log: (event) => events.push(event),
  })
  const access = sampleAccess(methods)
  const url = await new Promise<URL>((resolve) => {
    const server = serve(
      { fetch: (request) => endpoint.handle(request, access), port: 0, hostname: '127.0.0.1' },
      (info: AddressInfo) => resolve(new URL(`http://127.0.0.1:${info.port}/mcp/x`)),
    )
    closers.push(() => server.close())
  })
  return { url, events }
}

type Message = { readonly [key: string]: unknown }

function post(url: URL, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

function call(name: unknown, args: unknown, meta?: Message): Message {
  return {
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name, arguments: args, ...(meta && { _meta: meta }) },
  }
}

function modernCall(name: string, args: unknown, meta: Message = {}): [Message, Record<string, string>] {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
    ...meta,
  }
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name }
  return [call(name, args, envelope), { ...headers, accept: 'application/json, text/event-stream' }]
}

const listed = async (): Promise<Answer> => ({ ok: true, records: [jane], cursor: 'next', quotas })

async function connect(era: '2026-07-28' | '2025-11-25', url: URL) {
  if (era === '2025-11-25') {
    const client = new LegacyClient({ name: 'legacy', version: '1' })
    // The older client's declared types predate exactOptionalPropertyTypes; the object is what it takes.
    await client.connect(new LegacyTransport(url) as Parameters<LegacyClient['connect']>[0])
    return { client, version: '2025-11-25' }
  }
  const client = new Client({ name: 'modern', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(url))
  return { client, version: client.getNegotiatedProtocolVersion() }
}

for (const era of ['2026-07-28', '2025-11-25'] as const) {
  test(`createMcpEndpoint() serves a ${era} client`, async () => {
    const { url, events } = await start(listed)
    const { client, version } = await connect(era, url)
    expect(version).toBe(era)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(methods.map(({ tool }) => tool?.name))
    expect(tools[0]).toMatchObject({
      annotations: { readOnlyHint: true, title: 'List contacts' },
      _meta: { [TOOL_META]: { system: 'acme', resource: 'contact', kind: 'list', tags: ['crm'] } },
    })
    const result = await client.callTool({ name: 'list_all_acme_contacts', arguments: { limit: '5' } })
    expect(result.content).toEqual([
      { type: 'text', text: JSON.stringify({ result: [jane], next_cursor: 'sealed.next', result_count: 1 }) },
    ])
    expect(result.structuredContent).toBeUndefined()
    expect(result.isError).toBeFalsy()
    expect(Object.keys(result._meta ?? {})).not.toContain(RATE_LIMIT_META)
    expect(client.getServerCapabilities()).toEqual({ tools: {} })
    expect(events).toMatchObject([{ event: 'mcp_hello', protocolVersion: era }])
    await client.close()
  })

  test(`createMcpEndpoint() tells a ${era} client of a 429 in text and in _meta`, async () => {
    const failure = fail('rate_limited', 'The daily quota is used up.', 'Wait.', { retryAfterS: 30 })
    const { url } = await start(async () => ({ ok: false, failure, quotas }))
    const { client } = await connect(era, url)
    const result = await client.callTool({ name: 'list_all_acme_contacts', arguments: {} })
    const [block] = result.content as [{ text: string }]
    expect(result.isError).toBe(true)
    expect(JSON.parse(block.text)).toMatchObject({
      error: { code: 'rate_limited', status: 429, retry_after_s: 30, request_id: expect.stringMatching(/^req_/) },
    })
    expect(JSON.parse(block.text).error.message).toMatch(/^429 Too Many Requests/)
    expect(result._meta?.[RATE_LIMIT_META]).toEqual({
      status: 429,
      limit: 100,
      remaining: 40,
      reset: 30,
      retryAfterMs: 30_000,
      scope: 'daily',
    })
    await client.close()
  })

  test(`createMcpEndpoint() answers a ${era} client's mistakes with results, not protocol errors`, async () => {
    const { url } = await start(listed)
    const { client } = await connect(era, url)
    for (const [name, args, code] of [
      ['list_contacts', {}, 'unknown_tool'],
      ['create_an_acme_contact', { email: ['jane@acme.com'] }, 'invalid_arguments'],
      ['get_single_acme_contact_by_id', {}, 'invalid_arguments'],
      ['list_all_acme_contacts', 'limit=5', 'invalid_arguments'],
    ] as const) {
      const result = await client.callTool({ name, arguments: args as never })
      expect(result.isError).toBe(true)
      expect((result.content as [{ text: string }])[0].text).toContain(`"code":"${code}"`)
    }
    await client.close()
  })
}

const wires = {
  '2025-11-25': (name: string, args: unknown, meta?: Message) => [call(name, args, meta), {}] as const,
  '2026-07-28': (name: string, args: unknown, meta?: Message) => modernCall(name, args, meta),
}

for (const [era, message] of Object.entries(wires)) {
  test(`createMcpEndpoint() never lets what was thrown onto the ${era} wire`, async () => {
    class LeakyError extends Error {}
    const { url, events } = await start(async () => {
      throw new LeakyError('SECRET refresh_token=abc jane@acme.com')
    })
    const response = await post(url, ...message('list_all_acme_contacts', {}))
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text).toContain('\\"code\\":\\"internal\\"')
    expect(text).toContain('req_1')
    expect(`${text}${JSON.stringify(events)}${JSON.stringify([...response.headers])}`).not.toMatch(
      /SECRET|refresh_token|jane@acme/,
    )
    expect(events).toMatchObject([{ event: 'mcp_internal_error', requestId: 'req_1', errorName: 'LeakyError' }])
  })

  test(`createMcpEndpoint() puts quota headers on the ${era} response`, async () => {
    const { url } = await start(listed)
    const response = await post(url, ...message('list_all_acme_contacts', {}))
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('ratelimit-remaining')).toBe('40')
    expect(response.headers.get('ratelimit')).toBe('"daily";r=40;t=60')
    expect(response.headers.get('retry-after')).toBeNull()
    const failure = fail('rate_limited', 'Too many.', 'Wait.', { retryAfterS: 7 })
    const refusing = await start(async () => ({ ok: false, failure, quotas: [] }))
    const refused = await post(refusing.url, ...message('list_all_acme_contacts', {}))
    expect(refused.status).toBe(200)
    expect(refused.headers.get('retry-after')).toBe('7')
    expect(refused.headers.get('ratelimit-reset')).toBe('7')
  })

  test(`createMcpEndpoint() adds success _meta on the ${era} wire only when asked`, async () => {
    const { url } = await start(listed)
    const asked = await post(url, ...message('list_all_acme_contacts', {}, { [WANT_META]: ['ratelimit'] }))
    expect((await asked.json()).result._meta[RATE_LIMIT_META]).toMatchObject({ status: 200, remaining: 40 })
  })

  test(`createMcpEndpoint() takes null for absent on the ${era} wire`, async () => {
    const seen: Call[] = []
    const { url } = await start(async (made) => {
      seen.push(made)
      return listed()
    })
    await post(url, ...message('list_all_acme_contacts', { limit: '5', next_cursor: null }))
    await post(url, ...message('list_all_acme_contacts', null))
    expect(seen.map(({ input }) => input)).toEqual([
      { limit: 5, args: {} },
      { limit: 20, args: {} },
    ])
  })

  test(`createMcpEndpoint() aborts the call when a ${era} caller hangs up`, async () => {
    const started = Promise.withResolvers<Call>()
    const { url } = await start(async (made) => {
      started.resolve(made)
      await new Promise((resolve) => made.signal.addEventListener('abort', resolve))
      return refuse(fail('cancelled', 'Cancelled.', 'None.'))
    })
    const controller = new AbortController()
    const [body, headers] = message('list_all_acme_contacts', {})
    const response = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: controller.signal,
    })
    const { signal } = await started.promise
    expect(signal.aborted).toBe(false)
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    controller.abort()
    await expect(response).rejects.toThrow()
    await aborted
    expect(signal.aborted).toBe(true)
  })
}

test('createMcpEndpoint() refuses what is not one JSON message of bounded size', async () => {
  const { url } = await start(listed)
  const codeOf = async (response: Response) => [response.status, (await response.json()).error.code]
  expect(await codeOf(await post(url, '{"jsonrpc":'))).toEqual([400, -32_700])
  expect(await codeOf(await post(url, [call('x', {}), call('x', {})]))).toEqual([400, -32_600])
  expect(await codeOf(await post(url, '"text"'))).toEqual([400, -32_600])
  expect(await codeOf(await post(url, {}, { 'content-type': 'text/plain' }))).toEqual([415, -32_600])
  expect(await codeOf(await post(url, call('x', { text: 'x'.repeat(1_100_000) })))).toEqual([413, -32_600])
  expect((await post(url, `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)).status).toBe(400)
  const get = await fetch(url)
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(405)
})

test('createMcpEndpoint() echoes no value of a malformed message', async () => {
  const { url } = await start(listed)
  for (const body of [
    call({ secret: 'jane@acme.com' }, {}),
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: 'jane@acme.com' },
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'x', _meta: 'jane@acme.com' } },
    { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { cursor: ['jane@acme.com'] } },
    { jsonrpc: '2.0', id: { secret: 'jane@acme.com' }, method: 'tools/list' },
    { jsonrpc: 'jane@acme.com', id: 7, method: 'tools/list' },
    { jsonrpc: '2.0', id: 7, method: 'jane@acme.com' },
  ]) {
    expect(await (await post(url, body)).text()).not.toContain('jane@acme.com')
  }
})

test('createMcpEndpoint() bounds the streams that a tenant holds open', async () => {
  const { url } = await start(listed)
  const [body, headers] = modernCall('', undefined)
  const params = { ...(body['params'] as Message), notifications: { toolsListChanged: true } }
  const hangUp = new AbortController()
  const listen = () =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'mcp-method': 'subscriptions/listen' },
      body: JSON.stringify({ ...body, method: 'subscriptions/listen', params }),
      signal: hangUp.signal,
    })
  const responses = await Promise.all(Array.from({ length: 20 }, listen))
  const types = responses.map((response) => response.headers.get('content-type'))
  expect(types.filter((type) => type === 'text/event-stream')).toHaveLength(16)
  const refused = responses.find((response) => response.headers.get('content-type') !== 'text/event-stream')
  expect(await refused?.json()).toMatchObject({ id: 7, error: { code: -32_603 } })
  hangUp.abort()
})

test('createMcpEndpoint() keeps concurrent callers apart', async () => {
  const { url } = await start(async ({ input }) => ({ ok: true, records: [{ id: input?.id ?? '' }], quotas: [] }))
  const ids = Array.from({ length: 200 }, (_, index) => `c${index}`)
  const answers = await Promise.all(
    ids.map(async (id, index) => {
      const make = wires[index % 2 === 0 ? '2025-11-25' : '2026-07-28']
      const { result } = await (await post(url, ...make('get_single_acme_contact_by_id', { id }))).json()
      return JSON.parse(result.content[0].text).result.id
    }),
  )
  expect(answers).toEqual(ids)
})
