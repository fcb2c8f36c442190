/**
 * @module
 * How long a lease lasts, and how much of it is left for its holder. A token request is over, or aborted, before the
 * lease can end; a process that has slept on its lease does not send.
 */
import { TOKEN_TIMEOUT_MS } from '../oauth/client.ts'
import type { Clock } from '../time/clock.ts'

/** From the claim to the moment from which another process may lease the account. */
export const LEASE_MS = 10_000
/**
 * A holder that has not given its lease back is waited for this long after its end, unless it is known to be dead: it
 * may have been stopped, or kept from the store, with the only copy of the new grant.
 */
export const TAKEOVER_DELAY_MS = 30_000
/** Every request is aborted this long before the end: for timers that come late, and for clocks that differ. */
const SAFETY_MARGIN_MS = 2_000
/** With less than this left of the time for the request, not one byte of it is sent: an answer would come too late. */
const MIN_REQUEST_MS = 3_000

export interface LeaseTime {
  /** Milliseconds until a request under this lease must be over. */
  leftMs(): number
  /** Whether there is still time for a whole token request. */
  hasTimeForRequest(): boolean
  /** Asked at the moment of sending. */
  maySend(): boolean
  /** False when the row may by now be under another lease, of this very process, too. */
  isOurs(): boolean
}

/**
 * Counts from now. Of two clocks the one that has run further is believed: the date may be set back, and the monotonic
 * clock stands still while a machine is suspended (clock_gettime(2)).
 * @param leasedAt the date at which the lease began
 */
export function leaseTime(clock: Clock, leasedAt: number): LeaseTime {
  const monotonic = () => clock.monotonic?.() ?? clock.now()
  const startedAt = monotonic() - Math.max(0, clock.now() - leasedAt)
  const ageMs = () => Math.max(clock.now() - leasedAt, monotonic() - startedAt)
  const leftMs = () => LEASE_MS - SAFETY_MARGIN_MS - ageMs()
  return {
    leftMs,
    hasTimeForRequest: () => leftMs() >= TOKEN_TIMEOUT_MS,
    maySend: () => leftMs() >= MIN_REQUEST_MS,
    isOurs: () => ageMs() < LEASE_MS + TAKEOVER_DELAY_MS,
  }
}
