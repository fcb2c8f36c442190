/**
 * @module
 * What becomes of an account's grant after one attempt to refresh it, as a pure function: the write, the event and the
 * answer to the caller follow from the outcome, the state that was seen and the time.
 *
 * Only a refusal of the grant itself, seen twice or together with a dead access token, asks the user for a new one.
 * Everything else is the fault of the system, the network or this installation, and passes.
 */
import type { DeadReason } from '../oauth/token-error.ts'
import type { LeaseRelease } from '../store/refreshes.ts'
import { grantTimes } from './grant-times.ts'
import type { GrantWrite, NextState, RefreshOutcome, RefreshResult, SeenState } from './refresh-outcome.ts'
import {
  CONFIRM_AFTER_MS,
  callerWait,
  contentionWait,
  isWithinGrace,
  NEVER,
  probeWait,
  schedulerWait,
} from './refresh-waits.ts'

const NO_CLIENT = 'this installation has no OAuth client for its system'
const NO_CLIENT_WAIT_MS = 60_000

export function nextState(outcome: RefreshOutcome, seen: SeenState, now: number): NextState {
  const { row, random } = seen
  switch (outcome.kind) {
    case 'issued':
      return issued(outcome, seen, now)
    case 'dead':
      return dead(outcome.reason, seen, now)
    case 'contention':
      return {
        write: releaseOrProbe(seen, now, { failed: true, refreshAt: now + contentionWait(row.failures, random) }),
        event: { outcome: 'contended' },
        result: { outcome: 'contended' },
      }
    case 'client_refused':
      return {
        write: releaseOrProbe(seen, now, { refreshAt: now + outcome.waitMs + random * 10_000 }),
        event: { outcome: 'client_refused' },
        result: unavailable('its system refuses the client credentials of this installation', outcome.waitMs),
      }
    case 'not_acted': {
      const waitMs = Math.max(outcome.atLeastMs, callerWait(row.failures, random))
      const refreshAt = now + Math.max(outcome.atLeastMs, schedulerWait(row.failures, random))
      return {
        write: releaseOrProbe(seen, now, { failed: true, refreshAt, retryAt: now + waitMs }),
        event: { outcome: 'unavailable' },
        result: unavailable('its system cannot refresh it now', waitMs),
      }
    }
    case 'unknown':
      return unknown(seen, now)
    case 'out_of_time':
      return { write: { op: 'undo_lease' }, result: { outcome: 'taken' } }
    case 'postponed': {
      const { retryAt } = row
      return { write: release(seen, { refreshAt: outcome.until, retryAt }), result: { outcome: 'changed' } }
    }
    case 'no_client':
      return { write: { op: 'undo_lease' }, result: unavailable(NO_CLIENT, NO_CLIENT_WAIT_MS) }
    case 'circuit_open': {
      const refreshAt = now + outcome.waitMs * (1 + random * 0.2)
      const result = unavailable('its system is not asked for the moment', outcome.waitMs)
      return { write: release(seen, { refreshAt }), result }
    }
    case 'not_renewable':
      return notRenewable(outcome.reason, seen, now)
    case 'unreadable':
      return { write: { op: 'quarantine' }, event: { outcome: 'quarantined' }, result: { outcome: 'changed' } }
    case 'key_missing':
      return { write: { op: 'undo_lease' }, result: { outcome: 'key_missing' } }
  }
}

function issued(
  outcome: Extract<RefreshOutcome, { readonly kind: 'issued' }>,
  seen: SeenState,
  now: number,
): NextState {
  const { answer, from, apiBase } = outcome
  const { account } = seen.row
  const times = grantTimes(seen.startedAt, answer.expiresInS, seen.random)
  // Without rotation the answer holds no refresh token and the old one stays good (RFC 6749 §6).
  const refreshToken = answer.refreshToken ?? from.refreshToken
  const newScopes = answer.scopes !== undefined && !sameSet(answer.scopes, account.scopes ?? [])
  const newBase = apiBase?.named !== undefined && apiBase.named !== account.apiBase
  const changed = [
    ...(newScopes ? (['scopes'] as const) : []),
    // A foreign host is reported and never stored.
    ...(apiBase && apiBase.named === undefined ? (['foreign_host'] as const) : []),
    ...(newBase ? (['api_base'] as const) : []),
  ]
  const heals = account.status === 'needs_reauth'
  return {
    write: {
      op: 'store_grant',
      grant: { ...from, accessToken: answer.accessToken, refreshToken, expiresAt: times.expiresAt },
      times,
      ...(newScopes && answer.scopes ? { scopes: answer.scopes } : {}),
      ...(newBase ? { apiBase: apiBase.named } : {}),
      ...(heals ? { healedAt: now } : {}),
    },
    event: { outcome: heals ? 'healed' : 'refreshed', ...(changed.length > 0 ? { changed } : {}) },
    result: { outcome: 'refreshed' },
  }
}

function dead(reason: DeadReason, seen: SeenState, now: number): NextState {
  const { row, attempts, rejected, random } = seen
  const changed = { outcome: 'changed' } as const
  if (row.account.status === 'needs_reauth')
    return { write: releaseOrProbe(seen, now, { refreshAt: now }), result: changed }
  const accessTokenDead = rejected || now >= row.times.expiresAt
  const refusedBefore = row.suspectAt > 0 && now - row.suspectAt >= CONFIRM_AFTER_MS
  if (accessTokenDead || refusedBefore) {
    // An earlier attempt that never reported back may have replaced the token that was refused now, or may have
    // reached the authority after its own repetition.
    const why = attempts > 1 || row.replayed ? 'lost_rotation' : reason
    return {
      write: { op: 'mark_needs_reauth', reason: why, at: now, probeAt: now + probeWait(true, random) },
      event: { outcome: 'needs_reauth' },
      result: changed,
    }
  }
  const confirmAt = now + CONFIRM_AFTER_MS + random * 10_000
  const retryAt = Math.min(confirmAt, row.times.expiresAt)
  const suspectAt = row.suspectAt > 0 ? row.suspectAt : now
  return {
    write: releaseOrProbe(seen, now, { refreshAt: confirmAt, retryAt, suspectAt }),
    event: { outcome: 'suspect' },
    result: unavailable('its system does not accept its refresh token', CONFIRM_AFTER_MS),
  }
}

/** The access token is used up before the refresh token is sent again, unless the authority's grace covers that. */
function unknown(seen: SeenState, now: number): NextState {
  const { row, rejected, random } = seen
  // Counted from the first attempt of unknown outcome.
  const firstAttemptAt = seen.attempts > 1 ? row.attemptedAt : seen.startedAt
  const forgiven = isWithinGrace(firstAttemptAt, seen.graceMs, now)
  const waitMs = forgiven ? 250 : callerWait(row.failures, random)
  const usable = !rejected && now < row.times.expiresAt
  const again = now + (forgiven ? 500 + 500 * random : schedulerWait(row.failures, random))
  const refreshAt = usable && !forgiven ? row.times.expiresAt : again
  return {
    write: releaseOrProbe(seen, now, { keepAttempt: true, failed: true, refreshAt, retryAt: now + waitMs }),
    event: { outcome: 'unknown' },
    result: unavailable('its system did not answer the refresh', waitMs),
  }
}

/** What cannot be renewed is used until it expires; nothing can come after it. */
function notRenewable(reason: string, seen: SeenState, now: number): NextState {
  const { expiresAt } = seen.row.times
  const result = { outcome: 'changed' } as const
  if (seen.rejected || now >= expiresAt) {
    const write = { op: 'mark_needs_reauth', reason, at: now, probeAt: NEVER } as const
    return { write, event: { outcome: 'needs_reauth' }, result }
  }
  return { write: release(seen, { refreshAt: expiresAt, retryAt: expiresAt, suspectAt: 0 }), result }
}

/** As {@link release}; an account that needs its user is tried again on the next day, whatever came of this time. */
function releaseOrProbe(seen: SeenState, now: number, change: Partial<LeaseRelease>): GrantWrite {
  if (seen.row.account.status !== 'needs_reauth') return release(seen, change)
  return release(seen, { ...change, refreshAt: now + probeWait(false, seen.random), retryAt: 0 })
}

function release({ row }: SeenState, change: Partial<LeaseRelease>): GrantWrite {
  const { suspectAt } = row
  const unchanged = { keepAttempt: false, failed: false, refreshAt: row.times.refreshAt, retryAt: 0, suspectAt }
  return { op: 'release_lease', ...unchanged, ...change }
}

function unavailable(why: string, waitMs: number): RefreshResult {
  return { outcome: 'unavailable', why, waitMs }
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item))
}
