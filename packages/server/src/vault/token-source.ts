/**
 * @module
 * Hands out access tokens and refreshes them: one refresh per expiry, however many callers and processes ask at once.
 *
 * In a process, callers share one promise. Across processes, a lease on the account's row admits one refresher; every
 * write is conditional on the version that was read. A new grant is stored before anybody uses it.
 */
import { FailureError, fail } from '@quartermaster/protocol'
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'
import type { GrantState } from '../store/accounts.ts'
import { applyNextState } from './apply-next-state.ts'
import { openStoredGrant } from './grant.ts'
import { missingKey, needsReauth, refreshUnavailable } from './needs-reauth.ts'
import { nextState } from './next-state.ts'
import { attemptRefresh } from './refresh-attempt.ts'
import type { RefreshDeps } from './refresh-deps.ts'
import type { SeenState } from './refresh-outcome.ts'
import { isWithinGrace } from './refresh-waits.ts'

export interface AccessToken {
  readonly value: string
  /** The version of the grant it belongs to. */
  readonly ver: number
  /** Where the system's API is for the account, as of that grant. */
  readonly apiBase: string
}

export interface TokenSource {
  /**
   * A token to call the system with.
   * @param rejected a version that the system has just refused: a newer one is fetched
   * @throws FailureError `needs_reauth`, or `upstream_unavailable` when no token can be had now
   */
  token(account: IntegratedAccount, rejected?: number): Promise<AccessToken>
  /** Drops what is remembered of an account. */
  forget(accountId: string): void
  /** Resolves when no refresh is under way. */
  drain(): Promise<void>
}

interface Remembered extends AccessToken {
  readonly refreshAt: number
}

/** A call has ten seconds in all; it must not spend them all on waiting for another process's refresh. */
const REFRESH_WAIT_MS = 8_000
const MAX_CONTENTIONS = 4
const MAX_REMEMBERED = 100_000
/** Use is noted once in this time, so that no call pays for a write. */
const USE_NOTED_MS = 86_400_000

export function tokenSource(deps: RefreshDeps): TokenSource {
  const { store, clock } = deps
  // With `max` the cache would reserve the memory of all of them at once.
  const remembered = new LRUCache<string, Remembered>({ maxSize: MAX_REMEMBERED, sizeCalculation: () => 1 })
  const inFlight = new Map<string, Promise<AccessToken>>()
  /** New grants that wait for the store to come back. Until then there must be no other refresh of their accounts. */
  const unstored = new Map<string, Promise<void>>()

  async function token(account: IntegratedAccount, rejected?: number): Promise<AccessToken> {
    const known = remembered.get(account.id)
    if (known && known.ver !== rejected && clock.now() < known.refreshAt) return known
    const running = inFlight.get(account.id)
    if (running) {
      const shared = await running
      if (shared.ver !== rejected) return shared
      return token(account, rejected)
    }
    const mine = obtain(account, rejected).finally(() => inFlight.delete(account.id))
    inFlight.set(account.id, mine)
    return mine
  }

  async function obtain(account: IntegratedAccount, rejected: number | undefined): Promise<AccessToken> {
    const giveUpAt = clock.now() + REFRESH_WAIT_MS
    let contentions = 0
    for (;;) {
      if (unstored.has(account.id)) throw busy(account.id)
      const state = await store.state(account.id)
      if (state?.account.status !== 'active') throw needsReauth(account.id, state?.account)
      const usable = state.ver !== rejected && clock.now() < state.times.expiresAt
      if (clock.now() - state.usedAt >= USE_NOTED_MS) await deps.refreshes.markUsed(account.id, clock.now())
      if (usable && (clock.now() < state.times.refreshAt || mustWait(state))) return load(state)
      // A grant that its system called dead is asked about at once when the access token is refused, too.
      const waitMs = rejected === state.ver && state.suspectAt > 0 ? 0 : state.retryAt - clock.now()
      if (waitMs > 0) {
        throw new FailureError(refreshUnavailable(account.id, 'its system did not refresh it a moment ago', waitMs))
      }

      const attempt = await attemptRefresh(deps, state, { rejected: rejected === state.ver })
      switch (attempt.outcome) {
        case 'refreshed':
        case 'changed':
          continue
        case 'unavailable':
          if (usable) return load(state)
          throw new FailureError(attempt.failure)
        case 'unstored':
          unstored.set(
            account.id,
            attempt.settled.finally(() => unstored.delete(account.id)),
          )
          throw new FailureError(attempt.failure)
        case 'contended':
          contentions += 1
          if (contentions > MAX_CONTENTIONS) throw busy(account.id)
          break
        case 'taken':
          // The old token still works while another process fetches the new one.
          if (usable) return load(state)
          if (state.leaseOwner !== undefined && (await deps.isDead(state.leaseOwner))) {
            await store.breakLease(account.id, { owner: state.leaseOwner, until: state.leaseUntil })
            continue
          }
      }
      if (clock.now() >= giveUpAt) throw busy(account.id)
      await clock.sleep(attempt.outcome === 'contended' ? 250 + deps.random() * 750 : 15 + deps.random() * 85)
    }
  }

  /**
   * While the access token works, an attempt that is under way or never reported back is left alone: sending the
   * refresh token a second time may cost the grant, unless its authority forgives that.
   */
  function mustWait(state: GrantState): boolean {
    if (clock.now() < state.retryAt) return true
    if (state.attempts === 0) return false
    return !isWithinGrace(state.attemptedAt, deps.authority(state.account)?.graceMs ?? 0, clock.now())
  }

  async function load(state: GrantState): Promise<AccessToken> {
    const { id } = state.account
    const opened = await openStoredGrant(deps, state)
    if (opened.kind !== 'opened') {
      // A newer row means that a grant has just been stored; anything else means that this one does not open.
      const again = await store.state(id)
      if (again && again.ver !== state.ver) return obtain(state.account, undefined)
      if (opened.kind === 'key_missing') throw missingKey(id)
      await quarantine(state)
      throw needsReauth(id, { ...state.account, status: 'quarantined', reason: 'grant_does_not_open' })
    }
    const { refreshAt } = state.times
    const token = { value: opened.grant.accessToken, ver: state.ver, apiBase: state.account.apiBase, refreshAt }
    remembered.set(id, token)
    return token
  }

  async function quarantine(row: GrantState): Promise<void> {
    const now = clock.now()
    const { attempts } = row
    const seen: SeenState = { row, startedAt: now, attempts, rejected: false, graceMs: 0, random: deps.random() }
    await applyNextState(deps, seen, nextState({ kind: 'unreadable' }, seen, now), undefined)
  }

  return {
    token,
    forget: (accountId) => void remembered.delete(accountId),
    drain: async () => {
      await Promise.allSettled(inFlight.values())
      await Promise.allSettled(unstored.values())
    },
  }
}

function busy(accountId: string): FailureError {
  return new FailureError(
    fail(
      'upstream_unavailable',
      `Cannot refresh ${accountId}: its refresh is taking too long`,
      'Wait a second, then repeat the same call.',
      { retryAfterS: 1 },
    ),
  )
}
