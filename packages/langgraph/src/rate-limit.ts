/**
 * @module
 * Patience for tools that somebody else made: a middleware for `createAgent` that sees a 429 in whatever a tool says or
 * throws, has the whole account wait, tries again, and never lets an exception into the graph.
 */
import { ToolMessage } from '@langchain/core/messages'
import { isGraphBubbleUp } from '@langchain/langgraph'
import {
  type Attempted,
  callErrorText,
  type PatienceOptions,
  readForeignFailure,
  withPatience,
} from '@quartermaster/client'
import { type AgentMiddleware, createMiddleware } from 'langchain'
import { z } from 'zod'

export interface RateLimitOptions extends Pick<PatienceOptions, 'gate' | 'policy' | 'onEvent' | 'clock' | 'random'> {
  /** The connected account, or how to tell it from the tool's name, when one agent works on several. */
  readonly account: string | ((tool: string) => string)
  /** Whether a tool may be repeated after a timeout; default: only when its annotations say that it reads. */
  readonly repeatable?: (tool: string) => boolean
}

interface Heard {
  readonly message: unknown
}

const hints = z.object({
  annotations: z.object({ readOnlyHint: z.boolean().optional(), idempotentHint: z.boolean().optional() }),
})
const NOT_TEXT = 'The tool failed without a reason.'

/**
 * @example
 * ```ts
 * const tools = await new MultiServerMCPClient(servers).getTools()
 * const agent = createAgent({ model, tools, middleware: [rateLimit({ account: 'acc_1', gate })] })
 * ```
 */
export function rateLimit(options: RateLimitOptions): AgentMiddleware {
  return createMiddleware({
    name: 'RateLimit',
    wrapToolCall: async (request, handler) => {
      const { toolCall, tool, runtime } = request
      const { name } = toolCall
      const { account } = options
      const { annotations } = hints.safeParse(tool && Reflect.get(tool, 'metadata')).data ?? {}
      const repeats = annotations?.readOnlyHint === true || annotations?.idempotentHint === true
      const signal: unknown = runtime && Reflect.get(runtime, 'signal')
      const done = await withPatience<Heard>(() => attempt(() => handler(request)), {
        ...options,
        tool: name,
        account: typeof account === 'string' ? account : account(name),
        repeatable: options.repeatable?.(name) ?? repeats,
        ...(signal instanceof AbortSignal ? { signal } : {}),
      })
      if (done.ok) return done.answer.message as ToolMessage
      return new ToolMessage({
        status: 'error',
        content: callErrorText(done.error),
        artifact: { error: done.error },
        name,
        tool_call_id: toolCall.id ?? '',
      })
    },
  })
}

async function attempt(handler: () => unknown): Promise<Attempted<Heard>> {
  try {
    const message: unknown = await handler()
    const isFault = ToolMessage.isInstance(message) && message.status === 'error'
    return isFault ? { ok: false, fault: readForeignFailure(message.text) } : { ok: true, message }
  } catch (error) {
    // An interrupt is how a graph is stopped, not a fault.
    if (isGraphBubbleUp(error)) throw error
    return { ok: false, fault: readForeignFailure(error instanceof Error ? error.message : NOT_TEXT) }
  }
}
