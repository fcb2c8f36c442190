/** @module Clients that people use, unchanged, over every way in. */
import { MultiServerMCPClient } from '@langchain/mcp-adapters'
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport as OlderSse } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let testbed: Testbed
let url: URL
let init: { headers: Record<string, string> }
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  url = new URL((await testbed.issue('hubspot')).url)
  init = { headers: { Authorization: `Bearer ${testbed.server.adminToken}` } }
})
afterAll(() => testbed.close())

const TOOL = 'list_all_hub_spot_contacts'
const textOf = (result: unknown) => (result as { content: { text: string }[] }).content[0]!.text
const sse = () => new URL(`${url}/sse`)
// The declared types of both clients predate exactOptionalPropertyTypes; the objects are what they take.
type OlderTransport = Parameters<OlderClient['connect']>[0]
type NewerTransport = Parameters<Client['connect']>[0]

async function uses(client: OlderClient | Client): Promise<void> {
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toContain(TOOL)
  const result = await client.callTool({ name: TOOL, arguments: { limit: '2' } })
  expect(JSON.parse(textOf(result))).toMatchObject({ result_count: 2 })
  const refused = await client.callTool({ name: 'delete_everything', arguments: {} })
  expect(refused.isError).toBe(true)
  await client.close()
}

test.each([
  ['the URL itself', () => url],
  ['/sse', sse],
])('the v1 client speaks SSE on %s', async (_, at) => {
  const client = new OlderClient({ name: 'v1', version: '1' })
  await client.connect(new OlderSse(at(), { requestInit: init }) as OlderTransport)
  await uses(client)
})

test('where only SSE is served, the v1 client and @langchain/mcp-adapters fall back to it from streamable HTTP', async () => {
  const refused = new OlderClient({ name: 'v1', version: '1' })
  await expect(refused.connect(new OlderHttp(sse(), { requestInit: init }) as OlderTransport)).rejects.toThrow(/405/)
  const fallback = new OlderClient({ name: 'v1', version: '1' })
  await fallback.connect(new OlderSse(sse(), { requestInit: init }) as OlderTransport)
  await uses(fallback)

  const adapters = new MultiServerMCPClient({
    mcpServers: { crm: { transport: 'http', url: sse().href, headers: init.headers, automaticSSEFallback: true } },
  })
  onTestFinished(() => adapters.close())
  expect((await adapters.getTools()).map(({ name }) => name)).toContain(TOOL)
})

test('the v1 client speaks streamable HTTP, and its GET for a stream is refused without harm', async () => {
  const client = new OlderClient({ name: 'v1', version: '1' })
  await client.connect(new OlderHttp(url, { requestInit: init }) as OlderTransport)
  await uses(client)
})

test.each([
  ['the URL itself', () => url],
  ['/sse', sse],
])('the v2 client speaks SSE on %s', async (_, at) => {
  const client = new Client({ name: 'v2', version: '1' })
  await client.connect(new SSEClientTransport(at(), { requestInit: init }) as NewerTransport)
  await uses(client)
})

test.each([
  ['2025-11-25', {}],
  ['2026-07-28', { versionNegotiation: { mode: 'auto' } } as const],
])('the v2 client agrees on %s over streamable HTTP', async (version, options) => {
  const client = new Client({ name: 'v2', version: '1' }, options)
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: init }) as NewerTransport)
  expect(client.getNegotiatedProtocolVersion()).toBe(version)
  await uses(client)
})

test('the v2 client that asks for the newest revision over SSE agrees on an older one', async () => {
  const client = new Client({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new SSEClientTransport(url, { requestInit: init }) as NewerTransport)
  expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25')
  await uses(client)
})

test.each(['http', 'sse'] as const)('@langchain/mcp-adapters lists and calls over %s', async (transport) => {
  const client = new MultiServerMCPClient({
    mcpServers: { crm: { transport, url: url.href, headers: init.headers, automaticSSEFallback: false } },
  })
  onTestFinished(() => client.close())
  const tools = await client.getTools()
  const tool = tools.find(({ name }) => name === TOOL)!
  expect(JSON.parse((await tool.invoke({ limit: '2' })) as string)).toMatchObject({ result_count: 2 })
})

test('a client that cannot send headers puts a tenant key for running tools into the address, and nothing stronger', async () => {
  const made = async (scopes: readonly string[], tenant?: string) => {
    const { body } = await testbed.admin('POST', '/api-token', { name: 'k', scopes, ...(tenant ? { tenant } : {}) })
    return (body as { token: string }).token
  }
  const key = await made(['runtime'], 'acme')
  for (const transport of [OlderSse, OlderHttp]) {
    const client = new OlderClient({ name: 'headerless', version: '1' })
    await client.connect(new transport(new URL(`${url}?key=${key}`)) as OlderTransport)
    await uses(client)
  }
  for (const strong of [testbed.server.adminToken, await made(['runtime', 'audit'], 'acme'), await made(['runtime'])]) {
    const response = await fetch(`${url}?key=${strong}`, { method: 'POST' })
    expect(response.status).toBe(401)
  }
  expect(testbed.logs.join('\n')).not.toContain(key)
})
