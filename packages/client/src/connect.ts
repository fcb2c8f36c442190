/**
 * @module
 * Opens an MCP server URL. Redirects and other hosts are refused, lists are capped, and no message ever holds the URL's
 * path, because the path is the key.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Quota } from '@quartermaster/protocol'
import { ConnectError, cancelled, connectFault } from './connect-error.ts'
import { type Fetch, guardedFetch } from './guarded-fetch.ts'
import { type McpConn, type McpTool, QUOTAS } from './mcp-conn.ts'
import { readQuotaHeaders } from './read-quota-headers.ts'
import { abortable } from './time/deadline.ts'

/** How to connect to a tool URL. */
export interface ConnectOptions {
  /** API token for the second factor, sent as a Bearer token with every request. */
  readonly token?: string
  readonly fetch?: Fetch
  readonly clientInfo?: { readonly name: string; readonly version: string }
  /** Milliseconds for each request of the connection itself, and for calls that name no time of their own. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Protocol facts of an open connection. */
export interface Connected extends McpConn {
  /** `2026-07-28`, `2025-11-25`, … */
  readonly protocolVersion: string | undefined
  readonly serverName: string | undefined
}

/** Pages of `tools/list` and tools in all. A server of ours answers with one page and at most some dozens of tools. */
const MAX_LIST_PAGES = 8
const MAX_TOOLS = 256
/** A page of 100 records is about 250 KB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/**
 * Connects to an MCP server, in the newest protocol revision that both sides know.
 *
 * @example
 * ```ts
 * const { CRM_URL = '', CRM_TOKEN: token = '' } = process.env
 * const conn = await connect(CRM_URL, { token })
 * for (const tool of await conn.listTools()) console.log(tool.name)
 * await conn.close()
 * ```
 * @throws ConnectError with a `code` that says why there is no connection; listing tools throws the same.
 * @throws TypeError when the URL is none, or holds a password.
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<Connected> {
  const target = parseUrl(url)
  const timeoutMs = options.timeoutMs ?? 10_000
  const client = new Client(options.clientInfo ?? { name: 'quartermaster', version: '0.1.0' }, {
    versionNegotiation: { mode: 'auto' },
    listMaxPages: MAX_LIST_PAGES,
    inputRequired: { autoFulfill: false },
  })
  // The SDK shows a result without its HTTP response; the call's own asynchronous context connects the two.
  const calls = new AsyncLocalStorage<{ quotas?: readonly Quota[] }>()
  const onHeaders = (headers: Headers) => {
    const call = calls.getStore()
    const quotas = call && readQuotaHeaders(headers)
    if (quotas) call.quotas = quotas
  }
  const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init))
  const transport = new StreamableHTTPClientTransport(target, {
    fetch: guardedFetch(send, target.origin, MAX_ANSWER_BYTES, onHeaders),
    ...(options.token === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${options.token}` } } }),
  })
  const request = (own: { signal?: AbortSignal; timeoutMs?: number } = {}) => ({
    timeout: own.timeoutMs ?? timeoutMs,
    ...(own.signal === undefined ? {} : { signal: own.signal }),
  })
  try {
    await orFault(`connect to ${target.origin}`, client.connect(transport, request(options)), options.signal)
  } catch (error) {
    await client.close().catch(() => undefined)
    throw error
  }
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    serverName: client.getServerVersion()?.name,
    async listTools(own) {
      const listed = client.listTools(undefined, request(own))
      const { tools } = await orFault(`list the tools of ${target.origin}`, listed, own?.signal)
      if (tools.length > MAX_TOOLS) {
        throw new ConnectError(`use ${tools.length} tools of one server`, {
          code: 'too_many_tools',
          words: `${MAX_TOOLS} is the most`,
        })
      }
      return tools as McpTool[]
    },
    callTool({ name, arguments: args, _meta }, own) {
      const call: { quotas?: readonly Quota[] } = {}
      const params = { name, arguments: { ...args }, ...(_meta ? { _meta: { ..._meta } } : {}) }
      return calls.run(call, async () => ({ ...(await client.callTool(params, request(own))), [QUOTAS]: call.quotas }))
    },
    close: () => client.close(),
  }
}

async function orFault<T>(what: string, work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await abortable(work, signal)
  } catch (error) {
    throw new ConnectError(what, signal?.aborted ? cancelled : connectFault(error), error)
  }
}

function parseUrl(url: string | URL): URL {
  const target = URL.parse(url)
  if (!target || !/^https?:$/.test(target.protocol)) {
    throw new TypeError('Cannot connect: the MCP server URL must be an http or https URL')
  }
  if (target.username || target.password) {
    throw new TypeError('Cannot connect: the MCP server URL must not hold a user name or password')
  }
  target.hash = ''
  return target
}
