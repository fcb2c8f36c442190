/**
 * @module
 * For tests only: connected clients of both generations of the MCP SDK.
 */
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const info = { name: 'test', version: '1' }

async function oldClient(url: string) {
  const client = new OldClient(info)
  await client.connect(new OldTransport(new URL(url)) as never)
  return client
}

async function newClient(url: string) {
  const client = new NewClient(info, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new NewTransport(new URL(url)))
  return client
}

/** By the generation's name, for `test.each`. */
export const sdkClients = [
  ['first', oldClient],
  ['second', newClient],
] as const
