/**
 * @module
 * An agent thinks a limited number of times about one question; the last time it gets no tools and must answer. Crews use it
 * for `maxIter`.
 */
import { AIMessage, type BaseMessage, HumanMessage } from '@langchain/core/messages'
import { type AgentMiddleware, createMiddleware } from 'langchain'

const LAST_WORDS =
  'This is your last turn: no more tools. Give the best complete answer you can from what you have, and say what is missing.'

/**
 * Counted from the messages since the last question, so runs side by side do not share a count.
 *
 * @example
 * ```ts
 * const agent = createAgent({ model, tools, middleware: [finalAnswerAfter(12)] })
 * ```
 * @throws RangeError when `maxIter` is not a whole number of at least 1.
 */
export function finalAnswerAfter(maxIter: number): AgentMiddleware {
  if (!Number.isInteger(maxIter) || maxIter < 1) {
    throw new RangeError('Cannot limit the agent: maxIter must be a whole number of at least 1')
  }
  return createMiddleware({
    name: 'FinalAnswerAfter',
    wrapModelCall: async (request, handler) => {
      const turn = turns(request.state.messages) + 1
      if (turn < maxIter) return handler(request)
      // A model that keeps missing the form of its answer has had its chance.
      if (turn > maxIter + 1) return new AIMessage('')
      const systemMessage = request.systemMessage.concat(`\n\n${LAST_WORDS}`)
      const answer = await handler({ ...request, tools: [], systemMessage })
      if (!AIMessage.isInstance(answer) || !answer.tool_calls?.length) return answer
      const { usage_metadata, response_metadata } = answer
      return new AIMessage({
        content: answer.text,
        response_metadata,
        ...(usage_metadata ? { usage_metadata } : {}),
      })
    },
  })
}

function turns(messages: readonly BaseMessage[]): number {
  const question = messages.findLastIndex((message) => HumanMessage.isInstance(message))
  return messages.slice(question + 1).filter((message) => AIMessage.isInstance(message)).length
}
