/**
 * @module
 * A tool that throws costs its call, not the crew: the agent reads what went wrong and goes on.
 */
import { ToolMessage } from '@langchain/core/messages'
import { isGraphBubbleUp } from '@langchain/langgraph'
import { callErrorText } from '@quartermaster/client'
import { type AgentMiddleware, createMiddleware } from 'langchain'

/** Free text of a foreign tool is cut: it may be anything. */
const MAX_TEXT = 500

/**
 * Turns exceptions of tools into messages. Interrupts pass, and so does the end of the run, for which `signal` stands.
 * `createAgent` alone does this only while no middleware wraps tool calls.
 */
export function toolFaults(signal: AbortSignal | undefined): AgentMiddleware {
  return createMiddleware({
    name: 'ToolFaults',
    wrapToolCall: async (request, handler) => {
      try {
        return await handler(request)
      } catch (cause) {
        if (isGraphBubbleUp(cause) || signal?.aborted) throw cause
        const error = {
          code: 'tool_error',
          message: (cause instanceof Error ? cause.message : 'The tool failed without a reason.').slice(0, MAX_TEXT),
          retryable: false,
          attempts: 1,
          advice: 'Check the arguments against the tool; if they are right, go on without it and say so.',
        }
        return new ToolMessage({
          status: 'error',
          content: callErrorText(error),
          artifact: { error },
          name: request.toolCall.name,
          tool_call_id: request.toolCall.id ?? '',
        })
      }
    },
  })
}
