/**
 * @module
 * One attempt to refresh one account's grant, under a lease. Whatever happens, it leaves the row in a state from which
 * the next attempt can tell what became of this one.
 */

import { type Failure, fail } from '@quartermaster/protocol'
import { UpstreamFault } from '../http/upstream.ts'
import { type OAuthClient, TOKEN_TIMEOUT_MS, type TokenOutcome } from '../oauth/client.ts'
import type { AccountStore, GrantState } from '../store/accounts.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import type { IntegratedAccount } from '../tenants/account.ts'
import type { Clock } from './clock.ts'
import { openGrant, sealGrant } from './grant.ts'
import { grantTimes } from './grant-times.ts'
import type { KeyRing } from './key-ring.ts'
import { cannotRenew, type RenewalAuthority, renew } from './renew.ts'

export interface RefreshParts {
  readonly store: AccountStore
  readonly ring: KeyRing
  readonly oauth: OAuthClient
  /** How to speak to the account's authorization server; undefined when this installation cannot. */
  readonly authority: (account: IntegratedAccount) => RenewalAuthority | undefined
  readonly clock: Clock
  readonly random: () => number
  /** This process. */
  readonly owner: string
  /** True only when that owner certainly no longer runs. */
  readonly isDead: (owner: string) => Promise<boolean>
  readonly onEvent?: (event: RefreshEvent) => void
}

export interface RefreshEvent {
  readonly accountId: string
  readonly outcome: 'refreshed' | 'needs_reauth' | 'unavailable' | 'contended' | 'not_stored'
  readonly ms: number
}

export type Attempt =
  | { readonly outcome: 'refreshed' }
  /** The row is not as it was read: read it again. */
  | { readonly outcome: 'changed' }
  /** Another process holds the lease. */
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'contended' }
  | { readonly outcome: 'unavailable'; readonly failure: Failure }
  /** A new grant was fetched, but the store is away. Resolves when it is stored, or cannot be any more. */
  | { readonly outcome: 'unstored'; readonly failure: Failure; readonly settled: Promise<void> }

/** Longer than a token request can take, so that a lease ends only under a holder that is gone. */
const LEASE_MS = 10_000
/** How long the lease must still run when the request is sent; a process that slept through it must not send. */
const GUARD_MS = TOKEN_TIMEOUT_MS + 200
const STORE_TRIES = 4
const NO_CLIENT = 'this installation has no OAuth client for its system'
/** How long, and how often, a grant that could not be stored is offered to a store that is away. */
const STORE_PATIENCE_MS = 900_000
const STORE_AGAIN_MS = 250

export async function attemptRefresh(parts: RefreshParts, seen: GrantState): Promise<Attempt> {
  const { store, ring, clock, owner } = parts
  const { id, tenant } = seen.account
  const startedAt = clock.now()
  const authority = parts.authority(seen.account)
  if (!authority) return unavailable(parts, id, startedAt, NO_CLIENT)
  const attempts = await store.lease(id, seen.ver, { owner, until: startedAt + LEASE_MS }, startedAt)
  if (attempts === undefined) return { outcome: 'taken' }

  const row = await store.grant(id)
  const grant = row && row.ver === seen.ver ? openGrant(ring, { tenant, accountId: id }, row) : undefined
  if (!grant) {
    await store.setStatus(id, seen.ver, 'quarantined', 'grant_does_not_open')
    return { outcome: 'changed' }
  }
  const whyNot = cannotRenew(grant)
  if (whyNot !== undefined) {
    await store.setStatus(id, seen.ver, 'needs_reauth', whyNot)
    return { outcome: 'changed' }
  }
  if (grant.renewal === undefined && !authority.app) {
    await store.release(id, owner, false)
    return unavailable(parts, id, startedAt, NO_CLIENT)
  }
  if (clock.now() > startedAt + LEASE_MS - GUARD_MS) {
    await store.release(id, owner, false)
    return { outcome: 'taken' }
  }

  let outcome: TokenOutcome
  try {
    outcome = await renew(parts.oauth, authority, grant, startedAt)
  } catch (error) {
    // What is unexpected may have happened on either side of sending.
    await store.release(id, owner, error instanceof UpstreamFault ? error.sent : true)
    if (!(error instanceof UpstreamFault)) throw error
    return unavailable(parts, id, startedAt, 'its system did not answer the refresh')
  }

  if (outcome.ok) {
    const { answer } = outcome
    const times = grantTimes(startedAt, answer.expiresInS, parts.random())
    // Without rotation the answer holds no refresh token and the old one stays good (RFC 6749 §6).
    const refreshToken = answer.refreshToken ?? grant.refreshToken
    const next = { ...grant, accessToken: answer.accessToken, refreshToken, expiresAt: times.expiresAt }
    const sealed = sealGrant(ring, { tenant, accountId: id }, seen.ver + 1, next)
    const write = async () => {
      const stored = await store.complete(id, owner, seen.ver, { grant: sealed, times })
      report(parts, id, startedAt, stored ? 'refreshed' : 'not_stored')
      return stored
    }
    try {
      return { outcome: (await persist(parts, write)) ? 'refreshed' : 'changed' }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      const { failure } = unavailable(parts, id, startedAt, 'the store that keeps its grant does not answer')
      return { outcome: 'unstored', failure, settled: persistLater(parts, id, startedAt, write) }
    }
  }
  switch (outcome.means) {
    case 'dead':
      // An earlier attempt that never reported back may have rotated the token that was refused now.
      await store.setStatus(id, seen.ver, 'needs_reauth', attempts > 1 ? 'lost_rotation' : 'revoked')
      report(parts, id, startedAt, 'needs_reauth')
      return { outcome: 'changed' }
    case 'contention':
      await store.release(id, owner, false)
      report(parts, id, startedAt, 'contended')
      return { outcome: 'contended' }
    case 'operator':
      await store.release(id, owner, false)
      return unavailable(parts, id, startedAt, 'its system refuses the client credentials of this installation')
    case 'transient':
      await store.release(id, owner, false)
      return unavailable(parts, id, startedAt, 'its system cannot refresh it now', outcome.retryAfterS)
  }
}

/** A rotated refresh token exists only in this process until it is stored, so a busy store is asked again. */
async function persist(parts: RefreshParts, write: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (error) {
      if (tries === STORE_TRIES) throw error
      await parts.clock.sleep(50 * 2 ** tries)
    }
  }
}

/** Never gives up while the process lives and the store may come back: nobody else has this refresh token. */
async function persistLater(
  parts: RefreshParts,
  id: string,
  startedAt: number,
  write: () => Promise<boolean>,
): Promise<void> {
  const giveUpAt = parts.clock.now() + STORE_PATIENCE_MS
  while (parts.clock.now() < giveUpAt) {
    await parts.clock.sleep(STORE_AGAIN_MS)
    try {
      await write()
      return
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) break
    }
  }
  report(parts, id, startedAt, 'not_stored')
}

function unavailable(
  parts: RefreshParts,
  id: string,
  startedAt: number,
  why: string,
  retryAfterS = 5,
): Attempt & { readonly outcome: 'unavailable' } {
  report(parts, id, startedAt, 'unavailable')
  const advice = `Wait ${Math.ceil(retryAfterS)} s, then repeat the same call.`
  return {
    outcome: 'unavailable',
    failure: fail('upstream_unavailable', `Cannot refresh ${id}: ${why}`, advice, { retryAfterS }),
  }
}

function report(parts: RefreshParts, accountId: string, startedAt: number, outcome: RefreshEvent['outcome']): void {
  parts.onEvent?.({ accountId, outcome, ms: parts.clock.now() - startedAt })
}
