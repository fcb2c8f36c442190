/**
 * @module
 * The positive controls: the store as products have it that lose accounts.
 */
import type { RefreshDeps, Store } from '@quartermaster/server'

/** Callers of one process share a refresh and writes are conditional, but nothing joins the processes. */
export function withoutLease(real: Store, now: () => number): RefreshDeps['store'] {
  const { owner } = real
  return {
    ...real.accounts,
    lease: async () => 1,
    async complete(id, _, seen, next) {
      await real.accounts.lease(id, seen, { owner, until: now() + 10_000 }, now())
      return real.accounts.complete(id, owner, seen, next)
    },
  }
}

/** A lease that has ended is anybody's at once, as with a lock that has a time to live. */
export function withoutTakeoverDelay({ accounts, refreshes }: Store): Pick<RefreshDeps, 'store' | 'refreshes'> {
  return {
    store: {
      ...accounts,
      lease: (id, seen, lease, now) => accounts.lease(id, seen, { ...lease, takeoverDelayMs: 0 }, now),
    },
    refreshes: { ...refreshes, claimDue: (claim) => refreshes.claimDue({ ...claim, takeoverDelayMs: 0 }) },
  }
}
