/**
 * @module
 * A call that nobody but the outside can help stops the graph with a question and goes on with the answer to exactly that
 * question. LangGraph hands the answers of a node out in the order in which they were given, and the node, which runs anew each
 * time, may meet other questions than before: an answer to one must never pass for the answer to another.
 */
import type { CallOutcome } from '@quartermaster/client'
import { type ApprovalAsked, type ApprovalGiven, approvalRefused, readApproval } from './approval.ts'
import type { Parked } from './park-on-long-wait.ts'

export type Question = Parked | ApprovalAsked

/**
 * Sends until no question is open. What has the form of an approval answers only an approval, and is kept until one is
 * asked for; anything else answers only a park.
 *
 * @param send with the handle of an approval, once there is one
 * @param interrupt LangGraph's own: returns the next answer, or leaves the graph by an exception
 */
export async function settleQuestions(
  send: (handle?: string) => Promise<CallOutcome>,
  questionIn: (outcome: CallOutcome) => Question | undefined,
  interrupt: (question: Question) => unknown,
): Promise<CallOutcome> {
  let verdict: ApprovalGiven | undefined
  let spent: string | undefined
  let outcome = await send()
  for (let question = questionIn(outcome); question; question = questionIn(outcome)) {
    if (question.kind === 'approval' && verdict && verdict.handle !== spent) {
      if (!verdict.approve) return { ok: false, error: approvalRefused(verdict.reason), ms: outcome.ms }
      spent = verdict.handle
      const approved = await send(spent)
      // Another call of the same node may have got it: then the question is still open.
      if (approved.ok || approved.error.code !== 'approval_invalid') outcome = approved
      continue
    }
    const given = interrupt(question)
    const said = readApproval(given)
    if (said) verdict = said
    else if (question.kind === 'rate_limited') outcome = await send(verdict?.approve ? verdict.handle : undefined)
  }
  return outcome
}
