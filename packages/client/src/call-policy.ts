/**
 * @module
 * How often a call is tried and how long it may wait. The figures are those of the requirement guide's retry decorator
 * (4 attempts, `min(reset, 30) + U(0, 1)` seconds, 2 s when no reset is known) and of its 10-second and 1-second rules.
 */

export interface CallPolicy {
  /** Requests in all, the first included. */
  readonly maxAttempts: number
  /** A known reset is waited for at most this long, in seconds, before asking again. */
  readonly resetCapS: number
  /** Every waiter adds its own random share of this many seconds, so that they do not all return at once. */
  readonly jitterS: number
  /** The wait after a refusal that names no reset, in seconds. */
  readonly defaultResetS: number
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number
  /** A reset further away than this many seconds is reported at once instead of slept through. */
  readonly giveUpAboveS: number
  /** Requests in flight per account. */
  readonly maxConcurrent: number
  /** A request that takes longer, in milliseconds, is reported as an `sla_exceeded` event; it is not cut off. */
  readonly slaMs: number
}

/** The policy of a call that names no other: 4 attempts of 10 s each, waits of up to 30 s, 5 requests in flight. */
export const defaultCallPolicy: CallPolicy = {
  maxAttempts: 4,
  resetCapS: 30,
  jitterS: 1,
  defaultResetS: 2,
  timeoutMs: 10_000,
  giveUpAboveS: 300,
  maxConcurrent: 5,
  slaMs: 1000,
}

/**
 * The defaults with `changes` applied.
 *
 * @throws RangeError when a number makes no sense, such as no attempts or a negative wait.
 */
export function callPolicy(changes: Partial<CallPolicy> = {}): CallPolicy {
  const policy = { ...defaultCallPolicy, ...changes }
  const whole = { maxAttempts: policy.maxAttempts, maxConcurrent: policy.maxConcurrent }
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot use this policy: ${name} must be a whole number of at least 1`)
    }
  }
  const { resetCapS, jitterS, defaultResetS, timeoutMs, giveUpAboveS, slaMs } = policy
  for (const [name, value] of Object.entries({ resetCapS, jitterS, defaultResetS, timeoutMs, giveUpAboveS, slaMs })) {
    if (!Number.isFinite(value) || value < 0) {
      throw new RangeError(`Cannot use this policy: ${name} must be a number of at least 0`)
    }
  }
  return policy
}
