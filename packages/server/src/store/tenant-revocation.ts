/**
 * @module
 * Takes back at once what a tenant has handed out: every URL, every API token, every account, in one transaction.
 */
import type { Kysely } from 'kysely'
import { disconnectAccounts } from './disconnect-accounts.ts'
import type { Tables } from './schema.ts'

export interface TenantRevocation {
  readonly urls: boolean
  readonly apiTokens: boolean
  /** Removes the accounts, their URLs with them, and ends the connect links that could bring new ones. */
  readonly accounts: boolean
}

/** What worked before and does not any more. */
export interface Revoked {
  readonly urls: number
  readonly apiTokens: number
  readonly accounts: number
  readonly connectLinks: number
}

export type RevokeTenant = (tenant: string, what: TenantRevocation, now: number) => Promise<Revoked>

export function tenantRevocation(db: Kysely<Tables>): RevokeTenant {
  return (tenant, what, now) =>
    db.transaction().execute(async (tx) => {
      const revoke = async (table: 'api_token' | 'mcp_server') => {
        const result = await tx
          .updateTable(table)
          .set({ revoked_at: now })
          .where('tenant', '=', tenant)
          .where('revoked_at', 'is', null)
          .executeTakeFirst()
        return Number(result.numUpdatedRows)
      }
      const apiTokens = what.apiTokens ? await revoke('api_token') : 0
      if (!what.accounts)
        return { urls: what.urls ? await revoke('mcp_server') : 0, apiTokens, accounts: 0, connectLinks: 0 }
      const links = await tx
        .updateTable('connect_session')
        .set({ status: 'cancelled', reason: null, state_hash: null, sealed: null })
        .where('tenant', '=', tenant)
        .where('status', 'not in', ['connected', 'cancelled'])
        .where('expires_at', '>', now)
        .executeTakeFirst()
      const { accounts, urls } = await disconnectAccounts(tx, { tenant }, now)
      return { urls, apiTokens, accounts, connectLinks: Number(links.numUpdatedRows) }
    })
}
