/**
 * @module
 * When a grant is due for a refresh: 60 to 180 seconds before it expires, spread at random so that accounts that were
 * connected together are not refreshed together; for short lives, in the last third.
 */
import type { GrantTimes } from '../store/accounts.ts'

/**
 * @param obtainedAt epoch milliseconds at the start of the token request, so that a slow answer only errs early
 * @param random 0 to 1
 */
export function grantTimes(obtainedAt: number, expiresInS: number, random: number): GrantTimes {
  const lifetimeMs = expiresInS * 1000
  const marginMs = lifetimeMs >= 600_000 ? 60_000 + random * 120_000 : lifetimeMs * (0.15 + random * 0.15)
  return { expiresAt: Math.floor(obtainedAt + lifetimeMs), refreshAt: Math.floor(obtainedAt + lifetimeMs - marginMs) }
}
