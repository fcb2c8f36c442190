/**
 * @module
 * The part of the admin API that hands out tool URLs. Refusals (RFC 9457 problem details) become readable errors; the
 * token is sent to the given origin only and appears in no message.
 */
import type { CreateMcpServer, IssuedMcpServer, McpServerConfigInput } from '@quartermaster/protocol'
import { mcpServerConfig } from '@quartermaster/protocol'
import { z } from 'zod'
import { AdminError } from './admin-error.ts'
import { type ExplainedTool, explainedTool } from './explained-tool.ts'

/** Where the server is, and the token for it. */
export interface AdminClientOptions {
  /** Where the server is; a path in front of the API is kept. */
  readonly baseUrl: string | URL
  /** An API token with the scope `admin`. */
  readonly token: string
  readonly fetch?: (input: string | URL, init?: RequestInit) => Promise<Response>
  /** Milliseconds for each request. */
  readonly timeoutMs?: number
}

/** An MCP server as lists show it: without its URL and token. */
export interface ListedMcpServer extends Omit<IssuedMcpServer, 'url' | 'token'> {
  readonly revoked_at: string | null
}

/** An MCP server after a rotation: its new URL, which opens what the old one does until the same end. */
export interface RotatedMcpServer extends IssuedMcpServer {
  /** Until when the old URL works as well; null when it has stopped. */
  readonly old_url_until: string | null
}

/** An API token of the scope `runtime`, the second factor of a tenant's agents: it opens tool URLs of the tenant, and nothing alone. */
export interface RuntimeToken {
  /** By which it is listed and revoked. */
  readonly id: string
  /** Shown this once. */
  readonly token: string
}

export interface AdminClient {
  /**
   * `POST /integrated-account/:id/mcp`, or `POST /mcp-server` for several accounts of one tenant. The answer's `url` and
   * `token` are shown this once.
   */
  issue(
    account: string | readonly string[],
    server: Pick<CreateMcpServer, 'name'> & { config?: McpServerConfigInput },
  ): Promise<IssuedMcpServer>
  /** `GET /integrated-account/:id/mcp`. */
  list(account: string): Promise<readonly ListedMcpServer[]>
  /** `GET /integrated-account/:id/tools?explain`: every method of the account's system, a tool or why not. */
  explain(account: string, config: McpServerConfigInput): Promise<readonly ExplainedTool[]>
  /**
   * `POST /mcp-server/:id/rotate`. The answer's `url` and `token` are shown this once. `overlapS`: how many seconds the
   * old URL works on, 0 to 604,800; 0 for a URL that has leaked. The server's default is a day.
   */
  rotate(id: string, options?: { readonly overlapS?: number }): Promise<RotatedMcpServer>
  /** `DELETE /mcp-server/:id`. The URL stops working at once. */
  revoke(id: string): Promise<void>
  /**
   * `POST /api-token` with the scope `runtime` alone, so that agents need not hold the token of this client. `tenant` may be
   * left out where that token is a tenant's own; an operator names the tenant.
   */
  runtimeToken(made: { readonly name: string; readonly tenant?: string }): Promise<RuntimeToken>
}

const issued = z.object({
  id: z.string(),
  name: z.string(),
  config: mcpServerConfig,
  url: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1),
  expires_at: z.string(),
})
const rotated = issued.extend({ old_url_until: z.string().nullable() })
const listed = issued.omit({ url: true, token: true }).extend({ revoked_at: z.string().nullable() })
const list = z.object({ result: z.array(listed) })
const runtime = z.object({ id: z.string(), token: z.string().min(1) })
const explained = z.object({ result: z.array(explainedTool) })

/**
 * @example
 * ```ts
 * const { QUARTERMASTER_URL: baseUrl = '', QUARTERMASTER_ADMIN_TOKEN: token = '' } = process.env
 * const admin = adminClient({ baseUrl, token })
 * const { url } = await roles.sales.issue(admin, { account: 'acc_1', expiresInS: 3600 })
 * const { token: agents } = await admin.runtimeToken({ tenant: 'acme', name: 'sales crew' })
 * ```
 */
export function adminClient(options: AdminClientOptions): AdminClient {
  const root = parseRoot(options.baseUrl)
  const send = options.fetch ?? ((input, init) => fetch(input, init))

  async function reach(url: string, init: RequestInit): Promise<Response> {
    try {
      return await send(url, init)
    } catch (cause) {
      const why =
        cause instanceof Error && cause.name === 'TimeoutError' ? 'no answer in time' : 'is the server running?'
      throw new AdminError(`Cannot reach ${new URL(url).origin}: ${why}`, { status: 503, cause })
    }
  }

  async function ask(method: string, path: readonly string[], body?: unknown, query = ''): Promise<unknown> {
    const url = `${root}/${path.map(encodeURIComponent).join('/')}${query}`
    const response = await reach(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${options.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = parse(text)
    if (!response.ok) throw AdminError.from(`${method} /${path[0]}`, response.status, json)
    return json
  }

  function read<T>(schema: z.ZodType<T>, what: string, json: unknown): T {
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    throw new AdminError(`Cannot ${what}: the server answered with something else`, {
      status: 502,
      cause: parsed.error,
    })
  }

  return {
    issue: async (account, server) => {
      const answer =
        typeof account === 'string'
          ? await ask('POST', ['integrated-account', account, 'mcp'], server)
          : await ask('POST', ['mcp-server'], { ...server, account_ids: account })
      return read(issued, 'issue a tool URL', answer)
    },
    list: async (account) =>
      read(list, 'list tool URLs', await ask('GET', ['integrated-account', account, 'mcp'])).result,
    explain: async (account, config) => {
      const query = `?${new URLSearchParams({ explain: '', config: JSON.stringify(config) })}`
      const json = await ask('GET', ['integrated-account', account, 'tools'], undefined, query)
      return read(explained, 'explain the tools', json).result
    },
    rotate: async (id, { overlapS } = {}) => {
      const body = overlapS === undefined ? {} : { overlap_s: overlapS }
      return read(rotated, 'rotate a tool URL', await ask('POST', ['mcp-server', id, 'rotate'], body))
    },
    revoke: async (id) => {
      await ask('DELETE', ['mcp-server', id])
    },
    runtimeToken: async (made) =>
      read(runtime, 'issue an API token', await ask('POST', ['api-token'], { ...made, scopes: ['runtime'] })),
  }
}

function parseRoot(baseUrl: string | URL): string {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('Cannot talk to the admin API: baseUrl must be an http or https URL')
  }
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
