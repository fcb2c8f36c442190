/**
 * @module
 * For people who load their tools with `@langchain/mcp-adapters`: wraps the MCP client, so that their calls go through
 * the same gate, waits and retries as {@link crmTools}. Works with both generations of the MCP SDK's client.
 */
import { type CallOptions, callErrorText, callTool, type McpConn, type ToolHints } from '@quartermaster/client'
import { z } from 'zod'

export type RateLimitAwareOptions = Pick<CallOptions, 'account' | 'gate' | 'policy' | 'clock' | 'random' | 'onEvent'>

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
 * The same client with patient calls. A call that fails in the end is an `isError` result whose text says why; results
 * carry neither `_meta` nor `structuredContent`, which the adapters would otherwise repeat to the model.
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
    const outcome = await callTool(conn, tool, own, signal ? { ...options, signal } : options)
    return outcome.ok
      ? { content: [{ type: 'text', text: outcome.text }] }
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

/** The caller's own signal, wherever this generation of the SDK puts its options. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  const options = args.find((arg) => typeof arg === 'object' && arg !== null && 'signal' in arg)
  const signal: unknown = options ? Reflect.get(Object(options), 'signal') : undefined
  return signal instanceof AbortSignal ? signal : undefined
}
