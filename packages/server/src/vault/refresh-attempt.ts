/**
 * @module
 * One attempt to refresh one account's grant, under a lease. Whatever happens, it leaves the row in a state from which
 * the next attempt can tell what became of this one.
 */
import type { Failure } from '@quartermaster/protocol'
import type { TokenAnswer, TokenOutcome } from '../oauth/client.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import type { GrantState, Refreshed } from '../store/accounts.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { type Grant, lacksKey, openGrant, sealGrant } from './grant.ts'
import { grantTimes } from './grant-times.ts'
import { LEASE_MS, leaseTime, SILENCE_MS } from './lease-time.ts'
import { missingKey } from './needs-reauth.ts'
import { persist, persistLater } from './persist-grant.ts'
import { circuitOf, type RefreshDeps, type RefreshEvent, type Run, report } from './refresh-deps.ts'
import { NEVER } from './refresh-waits.ts'
import { cannotRenew, renew } from './renew.ts'
import { settleRefusal, settleUnknown, settleUnsent, type Unrefreshed, unavailable } from './settle-refusal.ts'

export type Attempt =
  | Unrefreshed
  | { readonly outcome: 'refreshed' }
  /** Another process holds the lease. */
  | { readonly outcome: 'taken' }
  /** A new grant was fetched, but the store is away. Resolves when it is stored, or cannot be any more. */
  | { readonly outcome: 'unstored'; readonly failure: Failure; readonly settled: Promise<void> }

const NO_CLIENT = 'this installation has no OAuth client for its system'

export interface HowToRefresh {
  /** The system has refused the access token of the version that was seen. */
  readonly rejected?: boolean
  /** The lease is held already, since this moment; `seen.attempts` counts this attempt. */
  readonly leasedAt?: number
}

export async function attemptRefresh(deps: RefreshDeps, seen: GrantState, how: HowToRefresh = {}): Promise<Attempt> {
  const { store, clock, owner, breaker } = deps
  const { id } = seen.account
  const startedAt = how.leasedAt ?? clock.now()
  const time = leaseTime(clock, startedAt)
  const authority = deps.authority(seen.account)
  if (!authority) return refuse(NO_CLIENT, 60_000)
  const circuit = circuitOf(seen.account, authority.app)
  const admission = breaker.admit(circuit, clock.now())
  if (!admission.admitted) return refuse('its system is not asked for the moment', admission.waitMs)

  try {
    const attempts =
      how.leasedAt === undefined
        ? await store.lease(id, seen.ver, { owner, until: startedAt + LEASE_MS, silenceMs: SILENCE_MS }, startedAt)
        : seen.attempts
    if (attempts === undefined) return { outcome: 'taken' }
    const run: Run = { deps, seen, authority, circuit, startedAt, time, attempts, rejected: how.rejected === true }
    const grant = await openSeen(run)
    if (!grant || cannotRenew(grant) !== undefined) return { outcome: 'changed' }
    if (grant.renewal === undefined && !authority.app) {
      await store.release(id, owner, false)
      return unavailable({ seen }, NO_CLIENT, 60_000)
    }
    if (!time.hasTimeForAll()) return await giveUp(run)
    return await send(run, grant)
  } finally {
    breaker.abandoned(circuit)
  }

  async function refuse(why: string, waitMs: number): Promise<Attempt> {
    if (how.leasedAt !== undefined) {
      const at = clock.now() + waitMs * (1 + deps.random() * 0.2)
      await deps.refreshes.giveBack(id, owner, {
        keepAttempt: false,
        failed: false,
        refreshAt: at,
        retryAt: 0,
        suspectAt: seen.suspectAt,
      })
    }
    return unavailable({ seen }, why, waitMs)
  }
}

/** The grant that was seen, or undefined after noting on the row why it cannot be refreshed. */
async function openSeen(run: Run): Promise<Grant | undefined> {
  const { deps, seen, rejected } = run
  const { id, tenant } = seen.account
  const row = await deps.store.grant(id)
  const grant = row && row.ver === seen.ver ? openGrant(deps.ring, { tenant, accountId: id }, row) : undefined
  if (!grant && row && lacksKey(deps.ring, row)) {
    await deps.store.release(id, deps.owner, false)
    throw missingKey(id)
  }
  if (!grant) {
    if (await deps.store.setStatus(id, seen.ver, 'quarantined', 'grant_does_not_open')) report(run, 'quarantined')
  } else {
    const whyNot = cannotRenew(grant)
    if (whyNot === undefined) return grant
    // What cannot be renewed lives out its life; nothing can come after it.
    const at = deps.clock.now()
    if (rejected || at >= seen.times.expiresAt) {
      const flipped = await deps.refreshes.flip(id, seen.ver, { reason: whyNot, at, probeAt: NEVER })
      if (flipped) report(run, 'needs_reauth')
    } else {
      await deps.refreshes.giveBack(id, deps.owner, {
        keepAttempt: false,
        failed: false,
        refreshAt: seen.times.expiresAt,
        retryAt: seen.times.expiresAt,
        suspectAt: 0,
      })
    }
  }
  return grant
}

/** Nothing was sent. */
async function giveUp({ deps, seen, time }: Run): Promise<Attempt> {
  if (time.isOurs()) await deps.store.release(seen.account.id, deps.owner, false)
  return { outcome: 'taken' }
}

async function send(run: Run, grant: Grant): Promise<Attempt> {
  const { deps, authority } = run
  let outcome: TokenOutcome
  try {
    outcome = await renew(deps.oauth, authority, grant, run.startedAt, run.time)
  } catch (error) {
    if (!(error instanceof UpstreamFault)) {
      await settleUnknown(run)
      throw error
    }
    if (error.kind === 'too_late') return giveUp(run)
    return error.sent ? settleUnknown(run) : settleUnsent(run)
  }
  if (!outcome.ok) return settleRefusal(run, outcome)
  deps.breaker.answered(run.circuit)
  return keep(run, grant, outcome.answer)
}

async function keep(run: Run, old: Grant, answer: TokenAnswer): Promise<Attempt> {
  const { deps, seen, startedAt } = run
  const { id, tenant, status } = seen.account
  const times = grantTimes(startedAt, answer.expiresInS, deps.random())
  // Without rotation the answer holds no refresh token and the old one stays good (RFC 6749 §6).
  const refreshToken = answer.refreshToken ?? old.refreshToken
  const next = { ...old, accessToken: answer.accessToken, refreshToken, expiresAt: times.expiresAt }
  const grant = sealGrant(deps.ring, { tenant, accountId: id }, seen.ver + 1, next)
  const { facts, changed } = changedFacts(run, answer)
  const refreshed: Refreshed = {
    grant,
    times,
    ...facts,
    ...(status === 'needs_reauth' ? { healedAt: deps.clock.now() } : {}),
  }
  const write = async () => {
    const stored = await deps.store.complete(id, deps.owner, seen.ver, refreshed)
    report(run, stored ? (status === 'needs_reauth' ? 'healed' : 'refreshed') : 'not_stored', changed)
    return stored
  }
  try {
    return { outcome: (await persist(deps.clock, write)) ? 'refreshed' : 'changed' }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    const settled = persistLater(deps.clock, write).then((kept) => {
      if (!kept) report(run, 'not_stored')
    })
    return {
      ...unavailable({ seen }, 'the store that keeps its grant does not answer', 5_000),
      outcome: 'unstored',
      settled,
    }
  }
}

/** What the answer says that the account does not know yet. A foreign host is reported and never stored. */
function changedFacts({ seen, authority }: Run, answer: TokenAnswer) {
  const { account } = seen
  const changed: NonNullable<RefreshEvent['changed']>[number][] = []
  const facts: { scopes?: readonly string[]; apiBase?: string } = {}
  if (answer.scopes !== undefined && !sameSet(answer.scopes, account.scopes ?? [])) {
    facts.scopes = answer.scopes
    changed.push('scopes')
  }
  if (authority.apiBase && Object.keys(answer.kept).length > 0) {
    const named = authority.apiBase(answer.kept)
    if (named === undefined) changed.push('foreign_host')
    else if (named !== account.apiBase) {
      facts.apiBase = named
      changed.push('api_base')
    }
  }
  return { facts, changed }
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item))
}
