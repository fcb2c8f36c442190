/**
 * @module
 * An agent thinks a limited number of times about one question; the last time it gets no tools and must answer. That time
 * comes earlier when a bound has ended its calls: a model that may call nothing more is not paid to find that out again.
 */
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { type AgentMiddleware, createMiddleware } from 'langchain'
import { z } from 'zod'

const LAST_WORDS =
  'This is your last turn: no more tools. Give the best complete answer you can from what you have, and say what is missing.'

/** After these no call of the run is made. */
const ENDS_ALL: ReadonlySet<string> = new Set(['too_many_errors', 'call_budget_exhausted'])
/** These leave a way on, which an agent that meets nothing else does not take. */
const ENDS_ONE: ReadonlySet<string> = new Set(['repeated_call', 'page_limit', 'question_limit', 'unknown_tool'])
const MAX_FRUITLESS_TURNS = 3

const faulty = z.object({ error: z.object({ code: z.string() }) })

/**
 * Limits the model calls for one question; in the last one the agent has no tools and must answer. Counted from the messages
 * since the last question, so runs side by side do not share a count. The last turn is also the
 * one after a tool has answered `too_many_errors` or `call_budget_exhausted`, and the one after three turns in a row whose
 * every call was refused as `repeated_call`, `page_limit`, `question_limit` or `unknown_tool`.
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
      const codes = codesByTurn(request.state.messages)
      const turn = codes.length + 1
      const last = Math.min(maxIter, turnAfterBound(codes))
      if (turn < last) return handler(request)
      // A model that keeps missing the form of its answer has had its chance.
      if (turn > last + 1) return new AIMessage('')
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

/** For each turn since the question, the codes with which its calls failed; '' for a call that did not. */
function codesByTurn(messages: readonly BaseMessage[]): readonly (readonly string[])[] {
  const question = messages.findLastIndex((message) => HumanMessage.isInstance(message))
  const turns: string[][] = []
  for (const message of messages.slice(question + 1)) {
    if (AIMessage.isInstance(message)) turns.push([])
    else if (ToolMessage.isInstance(message)) {
      turns.at(-1)?.push(faulty.safeParse(message.artifact).data?.error.code ?? '')
    }
  }
  return turns
}

/** Counted from 1; infinite while no bound has ended the calls. */
function turnAfterBound(turns: readonly (readonly string[])[]): number {
  let fruitless = 0
  for (const [index, codes] of turns.entries()) {
    fruitless = codes.length > 0 && codes.every((code) => ENDS_ONE.has(code)) ? fruitless + 1 : 0
    if (fruitless === MAX_FRUITLESS_TURNS || codes.some((code) => ENDS_ALL.has(code))) return index + 2
  }
  return Number.POSITIVE_INFINITY
}
