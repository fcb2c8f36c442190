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
  /** `approval.action` and `approval.changes` are for the person's eyes. */
  readonly approval: WriteApproval
}

const approvalGiven = z.object({
  approve: z.boolean(),
  /** The handle that was shown. Needed when the approval was given at the server; otherwise a new one will do. */
  handle: z.string().optional(),
  /** Why not; the model reads it. */
  reason: z.string().max(500).optional(),
})

/** What to resume the graph with: `new Command({ resume: { approve: true } })`. */
export type ApprovalGiven = z.infer<typeof approvalGiven>

/** The question to put to a person, when that is what a call has met. */
export function approvalAsked(tool: string, account: string, outcome: CallOutcome): ApprovalAsked | undefined {
  const approval = outcome.ok ? undefined : outcome.error.approval
  return approval && { kind: 'approval', tool, account, approval }
}

/** Anything but a clear yes is a no. */
export function readApproval(
  given: unknown,
  asked: WriteApproval,
): { readonly handle: string } | { readonly refusal: CallError } {
  const { success, data } = approvalGiven.safeParse(given)
  if (success && data.approve) return { handle: data.handle ?? asked.handle }
  const why = success && data.reason ? `: ${data.reason}` : ''
  return {
    refusal: {
      code: 'approval_refused',
      status: 403,
      message: `A person has refused this change${why}. Nothing was changed.`,
      retryable: false,
      attempts: 1,
      advice: 'Do not try it again. Go on without the change, or ask what to do instead.',
    },
  }
}
