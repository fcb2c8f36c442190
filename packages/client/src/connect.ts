/**
 * @module
 * Opens an MCP server URL. Redirects and other hosts are refused, lists are capped, and no message ever holds the URL's
 * path, because the path is the key.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  Client,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import type { Quota } from '@quartermaster/protocol'
import { type Fetch, guardedFetch } from './guarded-fetch.ts'
import { type McpConn, type McpTool, QUOTAS } from './mcp-conn.ts'
import { readQuotaHeaders } from './read-quota-headers.ts'

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
 * @throws Error saying why there is no connection, with the fault as its cause.
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
    await client.connect(transport, request(options))
  } catch (error) {
    await client.close().catch(() => undefined)
    throw new Error(`Cannot connect to ${target.origin}: ${connectFault(error)}`, { cause: error })
  }
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    serverName: client.getServerVersion()?.name,
    async listTools(own) {
      const { tools } = await client.listTools(undefined, request(own)).catch((error: unknown) => {
        throw new Error(`Cannot list the tools of ${target.origin}: ${connectFault(error)}`, { cause: error })
      })
      if (tools.length > MAX_TOOLS) {
        throw new RangeError(`Cannot use ${tools.length} tools of one server: ${MAX_TOOLS} is the most`)
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

/** The server does not say which: whoever guesses must not learn that a URL exists. */
const refused =
  'the URL is unknown, expired or revoked, or the API token is missing, revoked or of another tenant (HTTP 401)'

function connectFault(error: unknown): string {
  if (error instanceof UnauthorizedError) return refused
  if (error instanceof SdkHttpError) {
    if (error.status === 401) return refused
    if (error.status === 404) return 'the URL is unknown, expired or revoked, or its token is missing (HTTP 404)'
    return `the server answered HTTP ${error.status}`
  }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return 'the server did not answer in time'
  if (error instanceof ProtocolError) return 'the server refused the handshake'
  if (error instanceof Error && error.name === 'AbortError') return 'it was cancelled'
  return 'there was no usable answer'
}
