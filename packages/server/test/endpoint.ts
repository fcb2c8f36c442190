/**
 * @module
 * The endpoint behind its guards on a free port, and requests in both eras, for tests.
 */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { onTestFinished } from 'vitest'
import { createMcpEndpoint } from '../src/mcp/endpoint.ts'
import type { EndpointEvent } from '../src/mcp/endpoint-log.ts'
import { authorize } from '../src/pipeline/authorize.ts'
import type { Answer, BoundCall } from '../src/pipeline/call.ts'
import { compose } from '../src/pipeline/compose.ts'
import { redact } from '../src/pipeline/redact.ts'
import { validateInput } from '../src/pipeline/validate-input.ts'
import { endsWith, passes } from './guards.ts'
import { sampleAccess, sampleField, sampleMethod } from './sample-tools.ts'

export const quotas = [{ policy: 'daily', limit: 100, remaining: 40, resetS: 60 }]
export const jane = { id: '501', first_name: 'Jane', email_addresses: [{ email: 'jane@acme.com', is_primary: true }] }
export const methods = [
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

/** Serves `send` behind the guards on a free port. */
export async function start(send: (call: BoundCall) => Promise<Answer>) {
  const events: EndpointEvent[] = []
  let calls = 0
  const cursors = { seal: (cursor: string) => `sealed.${cursor}`, open: (sealed: string) => sealed.split('.')[1] }
  const [limited, schema, resolved] = [passes('dailyCallLimit'), passes('applyAccountSchema'), passes('resolve')]
  const endpoint = createMcpEndpoint({
    invoke: compose([limited, authorize(), schema, validateInput(cursors), resolved, redact()], endsWith(send)),
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
    onTestFinished(() => void server.close())
  })
  return { url, events }
}

export type Message = { readonly [key: string]: unknown }

export function post(url: URL, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

export function call(name: unknown, args: unknown, meta?: Message): Message {
  return {
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name, arguments: args, ...(meta && { _meta: meta }) },
  }
}

export function modernCall(name: string, args: unknown, meta: Message = {}): [Message, Record<string, string>] {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
    ...meta,
  }
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name }
  return [call(name, args, envelope), { ...headers, accept: 'application/json, text/event-stream' }]
}

export const listed = async (): Promise<Answer> => ({ ok: true, records: [jane], cursor: 'next', quotas })

export const wires = {
  '2025-11-25': (name: string, args: unknown, meta?: Message) => [call(name, args, meta), {}] as const,
  '2026-07-28': (name: string, args: unknown, meta?: Message) => modernCall(name, args, meta),
}
