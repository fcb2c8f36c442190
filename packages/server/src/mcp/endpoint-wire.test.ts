/** @module What both protocol eras put on the wire, and what they never do. */
import { fail, RATE_LIMIT_META, WANT_META } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { call, listed, type Message, modernCall, post, start, wires } from '../../test/endpoint.ts'
import { type BoundCall, type Call, refuse } from '../pipeline/call.ts'

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
    const seen: BoundCall[] = []
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

test('createMcpEndpoint() refuses a message that is nested deeper than any honest one, in its own words', async () => {
  const { url } = await start(listed)
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const text = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","clientInfo":{"name":"x","version":"1"},"capabilities":{"experimental":${deep}}}}`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: text,
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: -32_600, message: /nested too deeply/ } })
})

test('createMcpEndpoint() gives the slot of a stream back when the stream has ended, however often', async () => {
  const { url } = await start(listed)
  const [body, headers] = modernCall('', undefined)
  const params = { ...(body['params'] as Message), notifications: { toolsListChanged: true } }
  for (let nth = 0; nth < 40; nth += 1) {
    // Nothing ever changes behind a URL, so a stream of changes is over as soon as it has begun.
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'mcp-method': 'subscriptions/listen' },
      body: JSON.stringify({ ...body, method: 'subscriptions/listen', params }),
    })
    expect([nth, response.headers.get('content-type')]).toEqual([nth, 'text/event-stream'])
    await response.text()
  }
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

test('createMcpEndpoint() names every revision it serves, in discovery and to whoever asks for an unknown one', async () => {
  const { url } = await start(listed)
  const ask = async (version: string) => {
    const [body, headers] = modernCall('', undefined, { 'io.modelcontextprotocol/protocolVersion': version })
    const { _meta } = body['params'] as Message
    return post(
      url,
      { ...body, method: 'server/discover', params: { _meta } },
      { ...headers, 'mcp-protocol-version': version, 'mcp-method': 'server/discover' },
    )
  }
  const revisions = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
  const discovered = await (await ask('2026-07-28')).json()
  expect(discovered.result.supportedVersions).toEqual(expect.arrayContaining(revisions))
  expect(discovered.result.supportedVersions[0]).toBe('2026-07-28')
  const refused = await ask('2031-01-01')
  expect(refused.status).toBe(400)
  expect((await refused.json()).error).toMatchObject({
    code: -32_022,
    data: { supported: expect.arrayContaining(revisions), requested: '2031-01-01' },
  })
})
