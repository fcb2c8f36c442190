/**
 * @module
 * Applies what `nextState` decided: the one place that writes what became of a grant, and reports it.
 */
import type { Failure } from '@quartermaster/protocol'
import { StoreUnavailable } from '../store/unavailable.ts'
import { sealGrant } from './grant.ts'
import type { LeaseTime } from './lease-time.ts'
import { missingKey, refreshUnavailable } from './needs-reauth.ts'
import { storeWhenBack, storeWithRetry } from './persist-grant.ts'
import type { RefreshDeps, RefreshEvent } from './refresh-deps.ts'
import type { GrantWrite, NextState, RefreshResult, SeenState } from './refresh-outcome.ts'

export type Attempt =
  | Exclude<RefreshResult, { readonly outcome: 'unavailable' | 'key_missing' }>
  | { readonly outcome: 'unavailable'; readonly failure: Failure }
  /** A new grant was fetched, but the store is away. Resolves when it is stored, or cannot be any more. */
  | { readonly outcome: 'unstored'; readonly failure: Failure; readonly settled: Promise<void> }

/**
 * @param lease undefined when none is held
 * @throws FailureError `upstream_unavailable` when the key of the grant is missing
 */
export async function applyNextState(
  deps: RefreshDeps,
  seen: SeenState,
  { write, event, result }: NextState,
  lease: LeaseTime | undefined,
): Promise<Attempt> {
  if (write.op === 'store_grant') return storeGrant(deps, seen, write, event)
  const hasEffect = await apply(deps, seen, write, lease)
  if (hasEffect && event) report(deps, seen, event)
  const { id } = seen.row.account
  if (result.outcome === 'key_missing') throw missingKey(id)
  if (result.outcome !== 'unavailable') return result
  return { outcome: 'unavailable', failure: refreshUnavailable(id, result.why, result.waitMs) }
}

/** False when the grant is no longer the one that was seen. */
async function apply(
  { store, refreshes, owner }: RefreshDeps,
  { row }: SeenState,
  write: Exclude<GrantWrite, { readonly op: 'store_grant' }>,
  lease: LeaseTime | undefined,
): Promise<boolean> {
  const { account, ver } = row
  switch (write.op) {
    case 'release_lease':
      if (lease?.isOurs()) await refreshes.releaseLease(account.id, owner, write)
      return true
    case 'undo_lease':
      if (lease?.isOurs()) await store.release(account.id, owner, false)
      return true
    case 'mark_needs_reauth':
      return refreshes.markNeedsReauth(account.id, ver, write)
    case 'quarantine':
      return store.setStatus(account.id, ver, 'quarantined', 'grant_does_not_open')
  }
}

/** The new grant exists only in this process until it is stored, so a store that is away is waited for. */
async function storeGrant(
  deps: RefreshDeps,
  seen: SeenState,
  { grant, ...changes }: Extract<GrantWrite, { readonly op: 'store_grant' }>,
  event: NextState['event'],
): Promise<Attempt> {
  const { account, ver } = seen.row
  const sealed = sealGrant(deps.ring, { tenant: account.tenant, accountId: account.id }, ver + 1, grant)
  const write = async () => {
    const stored = await deps.store.complete(account.id, deps.owner, ver, { ...changes, grant: sealed })
    if (event) report(deps, seen, stored ? event : { ...event, outcome: 'not_stored' })
    return stored
  }
  try {
    return { outcome: (await storeWithRetry(deps.clock, write)) ? 'refreshed' : 'changed' }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    const settled = storeWhenBack(deps.clock, write).then((kept) => {
      if (!kept) report(deps, seen, { outcome: 'not_stored' })
    })
    const failure = refreshUnavailable(account.id, 'the store that keeps its grant does not answer', 5_000)
    return { outcome: 'unstored', failure, settled }
  }
}

function report(
  { onEvent, clock }: RefreshDeps,
  { row, startedAt }: SeenState,
  event: Pick<RefreshEvent, 'outcome' | 'changed'>,
): void {
  const { id: accountId, tenant } = row.account
  onEvent?.({ accountId, tenant, ms: clock.now() - startedAt, ...event })
}
