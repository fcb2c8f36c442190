/**
 * @module
 * For tests only: a real MCP server over real HTTP on a loopback port, whose answers a test decides call by call.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CallToolResult, createMcpHandler, Server, type Tool } from '@modelcontextprotocol/server'
import { type Failure, fail, RATE_LIMIT_META, type RateLimitMeta, TOOL_META } from '@quartermaster/protocol'

export interface SeenCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly meta: Readonly<Record<string, unknown>>
  /** From 1. */
  readonly nth: number
}

/** A result, a raw HTTP answer, a connection cut without an answer, or silence. */
export type ScriptedAnswer = CallToolResult | { readonly http: Response } | 'drop' | 'hang'

export interface TestServer {
  readonly url: string
  readonly calls: SeenCall[]
  /** The most calls that were under way at once. */
  readonly peak: () => number
  close(): Promise<void>
}

export const listTool: Tool = {
  name: 'list_all_acme_contacts',
  description: 'List contacts.',
  inputSchema: {
    type: 'object',
    properties: {
      limit: { type: 'string', description: 'The number of records to fetch' },
      next_cursor: { type: 'string', description: 'The cursor' },
    },
  },
  annotations: { readOnlyHint: true, idempotentHint: true },
  _meta: { [TOOL_META]: { system: 'acme', resource: 'contacts', kind: 'list', tags: ['crm', 'contacts'] } },
}

export const createTool: Tool = {
  name: 'create_a_acme_contact',
  description: 'Create a contact.',
  inputSchema: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  _meta: { [TOOL_META]: { system: 'acme', resource: 'contacts', kind: 'create', tags: ['crm', 'contacts'] } },
}

export async function startTestServer(
  answer: (call: SeenCall) => ScriptedAnswer | Promise<ScriptedAnswer>,
  tools: Tool[] = [listTool, createTool],
): Promise<TestServer> {
  const calls: SeenCall[] = []
  let underWay = 0
  let peak = 0
  let prepared: CallToolResult | undefined
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'test-crm', version: '1' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/list', () => ({ tools }))
    const result = prepared
    server.setRequestHandler('tools/call', () => result ?? failure(fail('internal', 'No answer', 'Stop.')))
    return server
  })

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const body = text ? JSON.parse(text) : undefined
    if (body?.method === 'tools/call') {
      const { name, arguments: args, _meta } = body.params
      const seen = { name, args: args ?? {}, meta: _meta ?? {}, nth: calls.length + 1 }
      calls.push(seen)
      underWay += 1
      peak = Math.max(peak, underWay)
      const scripted = await answer(seen)
      underWay -= 1
      if (scripted === 'hang') return
      if (scripted === 'drop') return request.socket.destroy()
      if ('http' in scripted) return reply(scripted.http as Response, response)
      prepared = scripted
    }
    const init = { method: request.method ?? 'GET', headers: request.headers as Record<string, string> }
    const url = `http://${request.headers.host}${request.url}`
    // The factory runs before the first await inside, so `prepared` belongs to this request.
    const answered = handler.fetch(new Request(url, text ? { ...init, body: text } : init), { parsedBody: body })
    await reply(await answered, response)
  }
  const http = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp/secret-path`,
    calls,
    peak: () => peak,
    close: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await handler.close()
    },
  }
}

export function success(envelope: unknown, quota?: RateLimitMeta): CallToolResult {
  const text = typeof envelope === 'string' ? envelope : JSON.stringify(envelope)
  return { content: [{ type: 'text', text }], ...(quota ? { _meta: { [RATE_LIMIT_META]: quota } } : {}) }
}

export function failure(error: Failure, quota?: RateLimitMeta): CallToolResult {
  return { ...success({ error }, quota), isError: true }
}

export function rateLimited(retryAfterS?: number): CallToolResult {
  const words = ['429 Too Many Requests', 'Wait, then repeat the same call.'] as const
  return failure(fail('rate_limited', ...words, retryAfterS === undefined ? {} : { retryAfterS }))
}

async function reply(from: Response, to: ServerResponse): Promise<void> {
  to.writeHead(from.status, Object.fromEntries(from.headers))
  to.end(Buffer.from(await from.arrayBuffer()))
}
