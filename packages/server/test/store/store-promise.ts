/**
 * @module
 * One promise of the store contract, and the sample rows that the promises are checked with.
 */
import type { IntegratedAccount } from '../../src/entities/account.ts'
import type { GrantTimes, SealedGrant } from '../../src/store/accounts.ts'
import type { Store } from '../../src/store/open.ts'

/** A store on a fresh database, and a way to open the same database again as another process would. */
export interface FreshStore {
  readonly store: Store
  again(): Promise<Store>
}

export interface StorePromise {
  readonly promise: string
  /** Rejects with an AssertionError when the promise is broken. */
  readonly holds: (fresh: () => Promise<FreshStore>) => Promise<void>
}

export function sampleAccount(more: Partial<IntegratedAccount> = {}): IntegratedAccount {
  return {
    id: 'acc_0000000000000001',
    tenant: 'acme',
    system: 'crm',
    label: 'CRM',
    status: 'active',
    reason: undefined,
    scopes: undefined,
    apiBase: 'https://crm.example',
    createdAt: 1_700_000_000_000,
    ...more,
  }
}

export function sampleGrant(ver: number, ...bytes: number[]): SealedGrant {
  return { kid: 1, sealed: Uint8Array.from(bytes), ver }
}

export const sampleTimes: GrantTimes = { expiresAt: 1_700_000_001_000, refreshAt: 1_700_000_000_500 }
