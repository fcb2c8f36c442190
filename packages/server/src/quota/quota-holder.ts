/**
 * @module
 * Whose quota an account uses. Systems count by organisation: two users of one portal share what the portal may use.
 */
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'

/** A name for what accounts with a common quota have in common. Within a tenant: no tenant can use up another's. */
export type QuotaHolder = (account: IntegratedAccount) => Promise<string>

export interface QuotaHolderDeps {
  /** Who stands behind the grant, when the system has said. */
  readonly identity: (accountId: string) => Promise<{ readonly orgId: string } | undefined>
  readonly now: () => number
}

/** An account may be connected again, and say then who it is. */
const REMEMBERED_MS = 600_000
const MAX_REMEMBERED = 10_000

/** Asks once in ten minutes an account. When the store does not answer, the account has its own quota, for now. */
export function quotaHolders({ identity, now }: QuotaHolderDeps): QuotaHolder {
  // What is out of date is still the best answer while the store is away, so no time limit removes it.
  const remembered = new LRUCache<string, { readonly holder: string; readonly until: number }>({ max: MAX_REMEMBERED })
  return async (account) => {
    const known = remembered.get(account.id)
    if (known && now() < known.until) return known.holder
    try {
      const org = await identity(account.id)
      const holder = org ? JSON.stringify([account.tenant, account.system, org.orgId]) : account.id
      remembered.set(account.id, { holder, until: now() + REMEMBERED_MS })
      return holder
    } catch {
      return known?.holder ?? account.id
    }
  }
}
