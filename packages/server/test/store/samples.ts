/**
 * @module
 * Rows that tests of stores write: an account, its grant, and the times of that.
 */
import type { IntegratedAccount } from '../../src/entities/account.ts'
import type { GrantTimes, SealedGrant } from '../../src/store/accounts.ts'

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
