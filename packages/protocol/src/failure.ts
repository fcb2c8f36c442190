/**
 * @module
 * What a failed call returns. One shape for every cause, readable by a model (`message`, `advice`) and by code (`code`,
 * `status`, `retry_after_s`). It never carries an upstream body, a token or an argument's value.
 */
import { z } from 'zod'
import { fieldChange } from './field-change.ts'

/** Every code with the HTTP status it stands for and whether the same call may succeed later. */
export const failureCodes = {
  rate_limited: { status: 429, retryable: true },
  invalid_arguments: { status: 400, retryable: false },
  invalid_cursor: { status: 400, retryable: false },
  unknown_tool: { status: 404, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  /** The same idempotency key came before with other arguments (draft-ietf-httpapi-idempotency-key-header §2.7). */
  idempotency_mismatch: { status: 422, retryable: false },
  /** The same write is under way at this moment. */
  in_progress: { status: 409, retryable: true },
  /** A person must approve the call first; the failure's `approval` says with which handle (RFC 6585 §3). */
  approval_required: { status: 428, retryable: false },
  approval_invalid: { status: 403, retryable: false },
  forbidden: { status: 403, retryable: false },
  missing_scope: { status: 403, retryable: false },
  needs_reauth: { status: 403, retryable: false },
  upstream_rejected: { status: 422, retryable: false },
  upstream_invalid: { status: 502, retryable: true },
  upstream_unavailable: { status: 503, retryable: true },
  upstream_too_large: { status: 502, retryable: false },
  timeout: { status: 504, retryable: true },
  outcome_unknown: { status: 504, retryable: false },
  audit_unavailable: { status: 503, retryable: true },
  cancelled: { status: 499, retryable: false },
  internal: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

export type FailureCode = keyof typeof failureCodes

const codes = Object.keys(failureCodes) as [FailureCode, ...FailureCode[]]

export const failure = z.object({
  code: z.enum(codes),
  status: z.number().int(),
  message: z.string(),
  /** Whole seconds until the same call may succeed, when that is known. */
  retry_after_s: z.number().int().nonnegative().optional(),
  /** What to do now, in the imperative. */
  advice: z.string(),
  request_id: z.string().optional(),
  /** With `approval_required`: what a person is asked to approve, and what to send back when they have. */
  approval: z
    .object({
      handle: z.string(),
      expires_at: z.string(),
      /** `caller`: send the same call again with the handle. `token`: somebody must approve it at the server first. */
      approved_by: z.enum(['caller', 'token']),
      action: z.string(),
      changes: z.array(fieldChange),
    })
    .optional(),
})

export type Failure = z.infer<typeof failure>

/** The text block of an `isError` result. */
export const failureBody = z.object({ error: failure })
export type FailureBody = z.infer<typeof failureBody>

/** Builds a failure; the status follows from the code. */
export function fail(
  code: FailureCode,
  message: string,
  advice: string,
  more: { readonly retryAfterS?: number; readonly requestId?: string } = {},
): Failure {
  return {
    code,
    status: failureCodes[code].status,
    message,
    ...(more.retryAfterS === undefined ? {} : { retry_after_s: Math.max(0, Math.ceil(more.retryAfterS)) }),
    advice,
    ...(more.requestId === undefined ? {} : { request_id: more.requestId }),
  }
}

export function isRetryable(failure: Pick<Failure, 'code'>): boolean {
  return failureCodes[failure.code].retryable
}

/** An exception that carries a failure to the place where results are written. */
export class FailureError extends Error {
  override readonly name = 'FailureError'
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}
