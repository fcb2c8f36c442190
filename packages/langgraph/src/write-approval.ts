/**
 * @module
 * A write that waits for a person: the value of the graph's interrupt, and the form of the answer that resumes it.
 */
import type { CallError, CallOutcome, WriteApproval } from '@quartermaster/client'
import { z } from 'zod'

/** The value of the interrupt of a write that its URL reserves for approval. */
export interface ApprovalRequest {
  readonly kind: 'approval'
  readonly tool: string
  readonly account: string
  /** `approval.action` and `approval.changes` are what to show to the person; `approval.handle` goes back with the answer. */
  readonly approval: WriteApproval
}

const MAX_REASON = 500

const approvalDecision = z.object({
  approve: z.boolean(),
  /** `approval.handle` of the request: it says which change the person has seen. */
  handle: z.string().min(1),
  /** Why not; the model reads the first 500 characters. */
  reason: z.string().optional(),
})

/** What to resume the graph with: `new Command({ resume: { approve: true, handle: request.approval.handle } })`. */
export type ApprovalDecision = z.infer<typeof approvalDecision>

/** The interrupt's value, when the call was refused because a person must approve it. */
export function approvalRequestIn(tool: string, account: string, outcome: CallOutcome): ApprovalRequest | undefined {
  const approval = outcome.ok ? undefined : outcome.error.approval
  return approval && { kind: 'approval', tool, account, approval }
}

/** The decision, or undefined when `answer` is none. Without the handle of a request it decides nothing. */
export function readDecision(answer: unknown): ApprovalDecision | undefined {
  return approvalDecision.safeParse(answer).data
}

export function approvalRefused(reason: string | undefined): CallError {
  const why = reason ? `: ${reason.slice(0, MAX_REASON)}` : ''
  return {
    code: 'approval_refused',
    status: 403,
    message: `A person has refused this change${why}. Nothing was changed.`,
    retryable: false,
    attempts: 1,
    advice: 'Do not try it again. Go on without the change, or ask what to do instead.',
  }
}
