/**
 * @module
 * A call that needs a person, or a later time, interrupts the graph and goes on with the answer to that interrupt. LangGraph
 * hands out the answers of a node in the order in which they were given. The node runs from its start each time and may then
 * meet other interrupts than before, so an answer to one must never count for another.
 */
import type { CallOutcome } from '@quartermaster/client'
import type { LongWait } from './long-wait.ts'
import { type ApprovalDecision, type ApprovalRequest, approvalRefused, readDecision } from './write-approval.ts'

export type InterruptValue = LongWait | ApprovalRequest

/**
 * Sends until the outcome calls for no interrupt. An answer in the form of an approval decision answers only an approval
 * request, and is kept until one is made. Any other answer answers only a long wait.
 *
 * @param send with the handle of an approval, once there is one
 * @param interrupt LangGraph's own: returns the next answer, or leaves the graph by an exception
 */
export async function resolveInterrupts(
  send: (handle?: string) => Promise<CallOutcome>,
  interruptIn: (outcome: CallOutcome) => InterruptValue | undefined,
  interrupt: (value: InterruptValue) => unknown,
): Promise<CallOutcome> {
  let decision: ApprovalDecision | undefined
  let usedHandle: string | undefined
  let outcome = await send()
  for (let value = interruptIn(outcome); value; value = interruptIn(outcome)) {
    if (value.kind === 'approval' && decision && decision.handle !== usedHandle) {
      if (!decision.approve) return { ok: false, error: approvalRefused(decision.reason), ms: outcome.ms }
      usedHandle = decision.handle
      const approved = await send(usedHandle)
      // Another call of the same node may have used the approval: then the request is still open.
      if (approved.ok || approved.error.code !== 'approval_invalid') outcome = approved
      continue
    }
    const answer = interrupt(value)
    const given = readDecision(answer)
    if (given) decision = given
    else if (value.kind === 'rate_limited') outcome = await send(decision?.approve ? decision.handle : undefined)
  }
  return outcome
}
