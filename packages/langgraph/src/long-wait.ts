/**
 * @module
 * A rate limit that lasts longer than a process should wait in memory, as the value of a graph's interrupt.
 */
import type { CallOutcome } from '@quartermaster/client'

/** The value of the interrupt of a call that met a long wait. Any value resumes it. */
export interface LongWait {
  readonly kind: 'rate_limited'
  readonly tool: string
  readonly account: string
  /** Seconds from the interrupt until resuming makes sense. */
  readonly retryAfterS: number
}

/** The interrupt's value, when the call was refused with a reset further away than `aboveS` seconds. */
export function longWaitIn(
  outcome: CallOutcome,
  about: Pick<LongWait, 'tool' | 'account'>,
  aboveS: number,
): LongWait | undefined {
  if (outcome.ok || outcome.error.code !== 'rate_limited') return undefined
  const { retryAfterS } = outcome.error
  if (retryAfterS === undefined || retryAfterS <= aboveS) return undefined
  return { kind: 'rate_limited', ...about, retryAfterS }
}
