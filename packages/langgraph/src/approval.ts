/**
 * @module
 * A write that waits for a person: what the graph's interrupt shows, and how what comes back is understood.
 */
import type { CallError, CallOutcome, WriteApproval } from '@quartermaster/client'
import { z } from 'zod'

/** What the interrupt of a reserved write carries. */
export interface ApprovalAsked {
  readonly kind: 'approval'
  readonly tool: string
  readonly account: string
  /** `approval.action` and `approval.changes` are for the person's eyes; `approval.handle` goes back with the answer. */
  readonly approval: WriteApproval
}

const MAX_REASON = 500

const approvalGiven = z.object({
  approve: z.boolean(),
  /** `approval.handle` of the question: it says which change a person has seen. */
  handle: z.string().min(1),
  /** Why not; the model reads the first 500 characters. */
  reason: z.string().optional(),
})

/** What to resume the graph with: `new Command({ resume: { approve: true, handle: asked.approval.handle } })`. */
export type ApprovalGiven = z.infer<typeof approvalGiven>

/** The question to put to a person, when that is what a call has met. */
export function approvalAsked(tool: string, account: string, outcome: CallOutcome): ApprovalAsked | undefined {
  const approval = outcome.ok ? undefined : outcome.error.approval
  return approval && { kind: 'approval', tool, account, approval }
}

/** Without the handle of a question it answers none, whatever else it says. */
export function readApproval(given: unknown): ApprovalGiven | undefined {
  return approvalGiven.safeParse(given).data
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
