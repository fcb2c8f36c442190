/**
 * @module
 * A tool that throws, or does not exist, costs its call, not the crew: the agent reads what went wrong and goes on.
 */
import { ToolMessage } from '@langchain/core/messages'
import { isGraphBubbleUp } from '@langchain/langgraph'
import { toolErrorMessage } from '@quartermaster/langgraph'
import { type AgentMiddleware, createMiddleware } from 'langchain'

/** Free text of a third-party tool is cut: it may be anything. */
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
        const answer = await handler(request)
        const isUnknown = request.tool === undefined && ToolMessage.isInstance(answer) && answer.status === 'error'
        return isUnknown && answer.artifact === undefined ? unknownTool(answer) : answer
      } catch (cause) {
        if (isGraphBubbleUp(cause) || signal?.aborted) throw cause
        const error = {
          code: 'tool_error',
          message: (cause instanceof Error ? cause.message : 'The tool failed without a reason.').slice(0, MAX_TEXT),
          retryable: false,
          attempts: 1,
          advice: 'Check the arguments against the tool; if they are right, go on without it and say so.',
        }
        return toolErrorMessage(error, request.toolCall)
      }
    },
  })
}

/** In the shape of every other failure, so that a bound can tell it. The framework's own words name the tools there are. */
function unknownTool(answer: ToolMessage): ToolMessage {
  const error = {
    code: 'unknown_tool',
    message: answer.text.slice(0, MAX_TEXT),
    retryable: false,
    attempts: 0,
    advice: 'Use only the tools you were given, or answer without them.',
  }
  return toolErrorMessage(error, { name: answer.name ?? '', id: answer.tool_call_id })
}
