/**
 * @module
 * A limit that lasts longer than anybody should wait in memory: what the interrupt tells whoever resumes the graph.
 */
import type { CallOutcome } from '@quartermaster/client'

/** What a parked call tells whoever resumes the graph. Any value resumes it. */
export interface Parked {
  readonly kind: 'rate_limited'
  readonly tool: string
  readonly account: string
  /** Seconds from now until resuming makes sense. */
  readonly retryAfterS: number
}

/** The stop to make, when a call has met a reset further away than `aboveS` seconds. */
export function parkedAt(
  outcome: CallOutcome,
  about: Pick<Parked, 'tool' | 'account'>,
  aboveS: number,
): Parked | undefined {
  if (outcome.ok || outcome.error.code !== 'rate_limited') return undefined
  const { retryAfterS } = outcome.error
  if (retryAfterS === undefined || retryAfterS <= aboveS) return undefined
  return { kind: 'rate_limited', ...about, retryAfterS }
}
