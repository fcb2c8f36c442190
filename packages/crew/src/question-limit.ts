/**
 * @module
 * Colleagues may be asked so often for one task; the next question is refused in words that name the bound. Counted from
 * the conversation, so it survives checkpoints, and attempts after a refused answer share it.
 */
import { AIMessage } from '@langchain/core/messages'
import { toolErrorMessage } from '@quartermaster/langgraph'
import { type AgentMiddleware, createMiddleware } from 'langchain'

/** `asking`: the names of the tools that ask. */
export function questionLimit(maxQuestions: number, asking: ReadonlySet<string>): AgentMiddleware {
  return createMiddleware({
    name: 'QuestionLimit',
    wrapToolCall: (request, handler) => {
      const { toolCall, state } = request
      if (!asking.has(toolCall.name)) return handler(request)
      const calls = state.messages.flatMap((message) =>
        AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [],
      )
      const questions = calls.filter(({ name }) => asking.has(name))
      // The last with this id: models number their calls anew, and questions side by side are counted in their order.
      const own = questions.findLastIndex(({ id }) => id === toolCall.id)
      if (own < maxQuestions) return handler(request)
      const error = {
        code: 'question_limit',
        message: `Colleagues were asked ${maxQuestions} times for this task, which is all that maxQuestions allows.`,
        retryable: false,
        attempts: 0,
        advice: 'Ask nobody any more. Answer with what you have and say what is missing.',
      }
      return toolErrorMessage(error, toolCall)
    },
  })
}
