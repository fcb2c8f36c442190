/**
 * @module
 * Why a call did not succeed, in words for a planner and fields for code. One shape for the server's refusals, the
 * network's faults and this package's own bounds.
 */
import type { Failure, FailureCode } from '@quartermaster/protocol'

/** Codes that only the agent side knows; the rest are the server's {@link FailureCode}s. */
export type ClientCode =
  | 'connection_error'
  | 'access_refused'
  | 'bad_answer'
  | 'tool_error'
  | 'repeated_call'
  | 'call_budget_exhausted'
  | 'too_many_errors'
  | 'page_limit'
  | 'approval_refused'

export interface CallError {
  readonly code: FailureCode | ClientCode | (string & {})
  /** The HTTP status the code stands for, where there is one. */
  readonly status?: number
  readonly message: string
  /** The same call may succeed later. */
  readonly retryable: boolean
  /** Whole seconds until it may, when that is known. */
  readonly retryAfterS?: number
  /** With `rate_limited`: the name of the quota that is used up, when it is known. It is not in the text for the model. */
  readonly quotaName?: string
  /** Requests that were really sent. */
  readonly attempts: number
  /** What to do now, in the imperative. */
  readonly advice: string
  /** Names the server's log and audit entry. */
  readonly requestId?: string
  /** With `approval_required`: what a person is asked to approve. For programs; it is not in the text for the model. */
  readonly approval?: WriteApproval
}

/** A write that waits for a person: what it would change, and the handle that makes it once they have agreed. */
export type WriteApproval = NonNullable<Failure['approval']>

/** A failure before it is known how many attempts it took. */
export type CallFault = Omit<CallError, 'attempts'>

/** The error as compact JSON, in the shape of the server's own failures, for the text a model reads. */
export function callErrorText(error: CallError): string {
  return JSON.stringify({
    error: {
      code: error.code,
      ...(error.status === undefined ? {} : { status: error.status }),
      message: error.message,
      ...(error.retryAfterS === undefined ? {} : { retry_after_s: error.retryAfterS }),
      retryable: error.retryable,
      attempts: error.attempts,
      advice: error.advice,
      ...(error.requestId === undefined ? {} : { request_id: error.requestId }),
    },
  })
}
