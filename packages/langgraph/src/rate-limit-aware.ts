/**
 * @module
 * For people who load their tools with `@langchain/mcp-adapters`: wraps the MCP client, so that their calls go through
 * the same gate, waits and retries as {@link recordTools}. Works with both generations of the MCP SDK's client, and with any
 * server.
 */
import {
  type CallOptions,
  callErrorText,
  callThirdPartyTool,
  type McpConn,
  type McpResult,
  type ToolHints,
} from '@quartermaster/client'
import { RATE_LIMIT_META } from '@quartermaster/protocol'
import { z } from 'zod'

/** How the wrapped client's calls wait and are tried again. */
export type RateLimitAwareOptions = Pick<CallOptions, 'account' | 'gate' | 'policy' | 'clock' | 'random' | 'onEvent'>

/** What the protocol itself puts into `_meta`, such as the server's name in each result. */
const PROTOCOL = 'io.modelcontextprotocol/'

type Method = (...args: unknown[]) => Promise<unknown>

const request = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
const listed = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      annotations: z
        .object({ readOnlyHint: z.boolean().optional(), idempotentHint: z.boolean().optional() })
        .optional(),
    }),
  ),
})
const result = z.looseObject({
  content: z.array(z.unknown()).optional(),
  isError: z.boolean().optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
})

/**
 * The same client with calls that wait and are tried again, for any MCP server. A success is handed on as it came, save for
 * what its `_meta` says about the quota and the protocol, which the adapters would repeat to the model. A call that fails in
 * the end is an `isError` result whose text says why.
 *
 * @example
 * ```ts
 * const client = await multiServerClient.getClient('crm')
 * const tools = await loadMcpTools('crm', rateLimitAware(client, { account: 'acc_1', gate }))
 * ```
 */
export function rateLimitAware<C extends object>(client: C, options: RateLimitAwareOptions): C {
  const hints = new Map<string, ToolHints>()
  const methodOf = (name: string): Method => {
    const method: unknown = Reflect.get(client, name, client)
    if (typeof method !== 'function') throw new TypeError(`Cannot wrap the client: it has no method ${name}`)
    return method.bind(client)
  }
  const list: Method = async (...args) => {
    const answer = await methodOf('listTools')(...args)
    for (const { name, annotations } of listed.safeParse(answer).data?.tools ?? []) hints.set(name, annotations ?? {})
    return answer
  }
  const call: Method = async (...args) => {
    const { name, arguments: own = {}, _meta } = request.parse(args[0])
    const signal = signalIn(args.slice(1))
    const conn: Pick<McpConn, 'callTool'> = {
      callTool: async (sent, { signal: until, timeoutMs } = {}) => {
        const params = { ...sent, _meta: { ..._meta, ...sent._meta } }
        const sdkOptions = { signal: until, timeout: timeoutMs }
        const send = methodOf('callTool')
        // The second generation takes (params, options); the first has an optional result schema in between.
        return result.parse(await (send.length === 2 ? send(params, sdkOptions) : send(params, undefined, sdkOptions)))
      },
    }
    const tool = { name, annotations: hints.get(name) ?? {} }
    const outcome = await callThirdPartyTool(conn, tool, own, signal ? { ...options, signal } : options)
    return outcome.ok
      ? forTheModel(outcome.result)
      : { content: [{ type: 'text', text: callErrorText(outcome.error) }], isError: true }
  }
  return new Proxy(client, {
    get(target, name) {
      if (name === 'callTool') return call
      if (name === 'listTools') return list
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function forTheModel(result: McpResult): McpResult {
  const { _meta = {}, ...rest } = result
  const meta = Object.entries(_meta).filter(([key]) => key !== RATE_LIMIT_META && !key.startsWith(PROTOCOL))
  return meta.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(meta) }
}

/** The caller's own signal, wherever this generation of the SDK puts its options. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  const options = args.find((arg) => typeof arg === 'object' && arg !== null && 'signal' in arg)
  const signal: unknown = options ? Reflect.get(Object(options), 'signal') : undefined
  return signal instanceof AbortSignal ? signal : undefined
}
