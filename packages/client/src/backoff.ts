/**
 * @module
 * Whether to try again, and when. Pure: the attempt, the fault, the policy and one random number go in, a decision comes
 * out. Nothing here sleeps.
 */
import type { CallFault } from './call-error.ts'
import type { CallPolicy } from './call-policy.ts'

/** A failed attempt, as {@link backoff} judges it. */
export interface Attempt {
  /** The number of the attempt that failed, from 1. */
  readonly number: number
  /** The same request twice does no harm: a read, or a tool that calls itself idempotent. */
  readonly repeatable: boolean
  /** A random number from 0 up to but not including 1. */
  readonly random: number
}

/** Whether to try again, and after how long. */
export type RetryDecision =
  | {
      readonly retry: true
      /** `resetMs + jitterMs`. */
      readonly waitMs: number
      readonly resetMs: number
      readonly jitterMs: number
      /** The cause concerns the whole account: everyone on it waits. */
      readonly shared: boolean
    }
  | { readonly retry: false; readonly reason: 'final' | 'not_repeatable' | 'attempts_exhausted' | 'too_long' }

/** Doubles from here after faults that name no time. */
const FIRST_PAUSE_S = 0.5

/**
 * Whether to try again, and after how long.
 *
 * - A rate limit is retried even for a write: a refused request did not happen. The wait is `min(reset, cap) + jitter`.
 * - A timeout, a lost connection or an unavailable system is retried only when the call is repeatable.
 * - After the last attempt, and when the reset is too far away, the answer is no: there is nothing to sleep for.
 */
export function backoff(attempt: Attempt, fault: CallFault, policy: CallPolicy): RetryDecision {
  const limited = fault.code === 'rate_limited'
  if (!limited && !fault.retryable) return { retry: false, reason: 'final' }
  if (!limited && !attempt.repeatable) return { retry: false, reason: 'not_repeatable' }
  if (fault.retryAfterS !== undefined && fault.retryAfterS > policy.giveUpAboveS) {
    return { retry: false, reason: 'too_long' }
  }
  if (attempt.number >= policy.maxAttempts) return { retry: false, reason: 'attempts_exhausted' }
  const unknown = limited ? policy.defaultResetS : FIRST_PAUSE_S * 2 ** (attempt.number - 1)
  const resetMs = Math.min(Math.max(0, fault.retryAfterS ?? unknown), policy.resetCapS) * 1000
  const jitterMs = attempt.random * policy.jitterS * 1000
  return { retry: true, waitMs: resetMs + jitterMs, resetMs, jitterMs, shared: limited }
}
