/**
 * @module
 * How long to wait before an account is asked about again. Pure, so that every number stands in one place.
 */
import type { GrantState } from '../store/accounts.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** A second refusal this much later, while the access token still works, confirms that a grant is gone. */
export const CONFIRM_AFTER_MS = 60_000
/** An account that has not been used for this long is not refreshed for its own sake. */
const UNUSED_AFTER_MS = 30 * DAY_MS
/**
 * Still, its refresh token is used once in this time: authorities forget refresh tokens that lie idle, the strictest
 * common setting being 30 days.
 */
const KEEP_ALIVE_MS = 20 * DAY_MS
/** A date beyond every clock: not at all. */
export const NEVER = 8_640_000_000_000_000

/** The scheduler's wait after `failures` failures in a row: 5 s, doubling to 60 s, give or take a fifth. */
export function schedulerWait(failures: number, random: number): number {
  return Math.min(5_000 * 2 ** Math.min(failures, 10), 60_000) * (0.8 + 0.4 * random)
}

/** The wait of callers, who are told to come back: 1 s, doubling to 60 s, less up to half. */
export function callerWait(failures: number, random: number): number {
  return Math.min(1_000 * 2 ** Math.min(failures, 10), 60_000) * (0.5 + 0.5 * random)
}

/** After a refusal as "already being processed": 250 to 1000 ms, longer when it goes on. */
export function contentionWait(failures: number, random: number): number {
  return (250 + 750 * random) * 2 ** Math.min(failures, 6)
}

/** When a grant that needs its user is tried again, in case it has come back to life: in an hour, then once a day. */
export function probeWait(isFirst: boolean, random: number): number {
  return (isFirst ? HOUR_MS : DAY_MS) * (0.9 + 0.2 * random)
}

/**
 * Whether a refresh token that may have been replaced can be sent again without harm: the authority takes it for
 * `graceMs` after the first attempt that never reported back.
 */
export function isWithinGrace(firstAttemptAt: number, graceMs: number, now: number): boolean {
  return now - firstAttemptAt < graceMs
}

/**
 * Until when the scheduler leaves an account alone though it is due; undefined when it does not.
 * @param row with the scheduler's own attempt counted
 */
export function postponedUntil(row: GrantState, graceMs: number, now: number): number | undefined {
  if (row.account.status !== 'active') return undefined
  const { expiresAt } = row.times
  // An earlier attempt never reported back: the access token is used up before the refresh token is sent again.
  const isUnfinished = row.attempts > 1 && !isWithinGrace(row.attemptedAt, graceMs, now)
  if (isUnfinished && now < expiresAt) return expiresAt
  const keepAliveAt = expiresAt + KEEP_ALIVE_MS
  if (now - row.usedAt >= UNUSED_AFTER_MS && now < keepAliveAt) return keepAliveAt
  return undefined
}
