/**
 * @module
 * The ways to call a tool. Another one is one more entry; an entry that this server does not have says so when it is
 * looked for, and is left out by name.
 */
import { sseTransport } from './sse-transport.ts'
import type { Transport } from './transport.ts'

export interface ListedTool {
  readonly name: string
  readonly inputSchema: {
    readonly properties: Readonly<Record<string, { readonly type: string; readonly enum?: readonly string[] }>>
    readonly required?: readonly string[]
  }
  readonly _meta?: Readonly<Record<string, unknown>>
}

interface RpcBody {
  readonly result?: {
    readonly isError?: boolean
    readonly content?: readonly { readonly text: string }[]
    readonly tools?: readonly ListedTool[]
  }
}

export async function rpc(url: string, token: string, method: string, params: unknown) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const text = await response.text()
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as RpcBody
  return { raw: `${response.status} ${JSON.stringify([...response.headers])}\n${text}`, body }
}

export async function listTools(url: string, token: string): Promise<readonly ListedTool[]> {
  return (await rpc(url, token, 'tools/list', {})).body.result?.tools ?? []
}

const mcp: Transport = {
  name: 'mcp',
  isThere: async () => true,
  async call(url, token, name, args) {
    const { raw, body } = await rpc(url, token, 'tools/call', { name, arguments: args })
    const text = body.result?.content?.[0]?.text ?? ''
    return { raw, text, isError: body.result?.isError === true || body.result === undefined }
  },
}

const plainHttp: Transport = {
  name: 'plain-http',
  async isThere(url, token) {
    const response = await fetch(`${url}/tools`, { headers: { authorization: `Bearer ${token}` } })
    await response.body?.cancel()
    return response.ok
  },
  async call(url, token, name, args) {
    const response = await fetch(`${url}/tools/${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    })
    const text = await response.text()
    return { raw: `${response.status} ${JSON.stringify([...response.headers])}\n${text}`, text, isError: !response.ok }
  },
}

export const transports: readonly Transport[] = [mcp, plainHttp, sseTransport()]

/** Those that the server behind this URL has. */
export async function transportsOf(url: string, token: string): Promise<readonly Transport[]> {
  const there = await Promise.all(transports.map((transport) => transport.isThere(url, token)))
  return transports.filter((_, index) => there[index])
}
