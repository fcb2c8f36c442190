/**
 * @module
 * Waits and retries for third-party tools: a middleware for `createAgent` that recognizes a 429 in whatever a tool says or
 * throws, makes the whole account wait, tries again, and lets no exception into the graph.
 */
import type { ToolMessage } from '@langchain/core/messages'
import { type AgentMiddleware, createMiddleware } from 'langchain'
import { RecordTool } from './record-tool.ts'
import { callsBefore } from './run-calls.ts'
import { runLimiterAfter } from './run-limiters.ts'
import { callWithRetry, type RateLimitOptions } from './third-party-tool.ts'
import { toolErrorMessage } from './tool-error-message.ts'

/**
 * A middleware for `createAgent` that makes third-party tools wait at the account's gate and tries them again. Each attempt
 * ends after `policy.timeoutMs`; the tool's own signal is aborted then. The limiter counts all tool calls of the
 * agent since the last human message. Tools of {@link recordTools} pass: they do this themselves.
 *
 * @example
 * ```ts
 * const tools = await new MultiServerMCPClient(servers).getTools()
 * const agent = createAgent({ model, tools, middleware: [rateLimit({ account: 'acc_1', gate })] })
 * ```
 */
export function rateLimit(options: RateLimitOptions): AgentMiddleware {
  const { runLimits } = options
  return createMiddleware({
    name: 'RateLimit',
    wrapToolCall: async (request, handler) => {
      const { toolCall, tool, runtime, state } = request
      if (tool instanceof RecordTool) return handler(request)
      const { name, id, args } = toolCall
      if (runLimits !== false) {
        const before = runLimiterAfter(callsBefore(state, id) ?? [], runLimits ?? {}, (_, own) => own)
        const refusal = before.admit(name, args)
        if (refusal) return toolErrorMessage(refusal, { name, id })
      }
      const work = (signal: AbortSignal | undefined) =>
        handler(signal && tool ? { ...request, tool: withSignal(tool, signal) } : request)
      const [signal, writer]: unknown[] = ['signal', 'writer'].map((key) => runtime && Reflect.get(runtime, key))
      return (await callWithRetry({ name, id, tool, signal, writer, work }, options)) as ToolMessage
    },
  })
}

/** The same tool, whose calls are aborted at the end of the attempt as well as at the end of the run. */
function withSignal<T extends object>(tool: T, ends: AbortSignal): T {
  return new Proxy(tool, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      if (key !== 'invoke') return value.bind(target)
      return (input: unknown, config: { signal?: AbortSignal } = {}) => {
        const signal = config.signal ? AbortSignal.any([config.signal, ends]) : ends
        return value.call(target, input, { ...config, signal })
      }
    },
  })
}
