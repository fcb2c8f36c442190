/**
 * @module
 * One attempt to refresh one account's grant, under a lease. It finds out what came of it; `nextState` decides what
 * follows, so that the next attempt can tell from the row what became of this one.
 */
import type { GrantState } from '../store/accounts.ts'
import { type Attempt, applyNextState } from './apply-next-state.ts'
import { openStoredGrant } from './grant.ts'
import { LEASE_MS, leaseTime, TAKEOVER_DELAY_MS } from './lease-time.ts'
import { nextState } from './next-state.ts'
import { circuitOf, type RefreshDeps } from './refresh-deps.ts'
import type { RefreshOutcome, SeenState } from './refresh-outcome.ts'
import { postponedUntil } from './refresh-waits.ts'
import { cannotRenew } from './renew.ts'
import { requestTokens } from './request-tokens.ts'

export interface AttemptOptions {
  /** The system has refused the access token of the version that was seen. */
  readonly rejected?: boolean
  /** The scheduler holds the lease already, since this moment; `row.attempts` counts this attempt. */
  readonly leasedAt?: number
}

/**
 * @throws FailureError `upstream_unavailable` when the key of the grant is missing
 * @throws whatever the store throws, and what is no fault of the system's
 */
export async function attemptRefresh(
  deps: RefreshDeps,
  row: GrantState,
  { rejected = false, leasedAt }: AttemptOptions = {},
): Promise<Attempt> {
  const { store, clock, owner, breaker } = deps
  const { id } = row.account
  const startedAt = leasedAt ?? clock.now()
  const lease = leaseTime(clock, startedAt)
  const authority = deps.authority(row.account)
  const graceMs = authority?.graceMs ?? 0
  let isLeased = leasedAt !== undefined
  let { attempts } = row
  const conclude = (outcome: RefreshOutcome) => {
    const seen: SeenState = { row, startedAt, attempts, rejected, graceMs, random: deps.random() }
    return applyNextState(deps, seen, nextState(outcome, seen, clock.now()), isLeased ? lease : undefined)
  }

  const until = leasedAt === undefined ? undefined : postponedUntil(row, graceMs, leasedAt)
  if (until !== undefined) return conclude({ kind: 'postponed', until })
  if (!authority) return conclude({ kind: 'no_client' })
  const circuit = circuitOf(row.account, authority.app)
  const admission = breaker.admit(circuit, clock.now())
  if (!admission.admitted) return conclude({ kind: 'circuit_open', waitMs: admission.waitMs })
  try {
    if (!isLeased) {
      const wanted = { owner, until: startedAt + LEASE_MS, takeoverDelayMs: TAKEOVER_DELAY_MS }
      const counted = await store.lease(id, row.ver, wanted, startedAt)
      if (counted === undefined) return { outcome: 'taken' }
      isLeased = true
      attempts = counted
    }
    const opened = await openStoredGrant(deps, row)
    if (opened.kind !== 'opened') return await conclude(opened)
    const { grant } = opened
    const reason = cannotRenew(grant)
    if (reason !== undefined) return await conclude({ kind: 'not_renewable', reason })
    if (grant.renewal === undefined && !authority.app) return await conclude({ kind: 'no_client' })
    if (!lease.hasTimeForRequest()) return await conclude({ kind: 'out_of_time' })
    const request = { grant, authority, circuit, accountId: id, startedAt, lease }
    const { outcome, unexpected } = await requestTokens(deps, request)
    const attempt = await conclude(outcome)
    if (unexpected !== undefined) throw unexpected
    return attempt
  } finally {
    breaker.release(circuit)
  }
}
