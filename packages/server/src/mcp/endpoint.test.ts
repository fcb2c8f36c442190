/** @module Both protocol eras against real clients over real HTTP. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { fail, RATE_LIMIT_META, TOOL_META } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { jane, listed, methods, quotas, start } from '../../test/endpoint.ts'

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
      _meta: { [TOOL_META]: { system: 'acme', resource: 'contact', kind: 'list', tags: ['crm'], pii: 'full' } },
    })
    const result = await client.callTool({ name: 'list_all_acme_contacts', arguments: { limit: '5' } })
    const notes = [expect.stringContaining('Untrusted text')]
    expect(result.content).toEqual([{ type: 'text', text: expect.any(String) }])
    const [block] = result.content as [{ text: string }]
    expect(JSON.parse(block.text)).toEqual({ result: [jane], next_cursor: 'sealed.next', result_count: 1, notes })
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
