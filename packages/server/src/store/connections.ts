/**
 * @module
 * Who stands behind an account, and the replacement of its grant by a new one of the same organisation.
 */
import type { Kysely } from 'kysely'
import type { IntegratedAccount } from '../entities/account.ts'
import { type GrantTimes, type SealedGrant, secretColumns } from './accounts.ts'
import { announce } from './outbox.ts'
import type { Tables } from './schema.ts'

/** The system's own ids; the name of a user is not kept. */
export interface AccountIdentity {
  readonly orgId: string
  readonly userId: string
  readonly org: string
}

/** A new grant for an account that is there, sealed for the version after the one that was seen. */
export interface Replacement {
  readonly account: Pick<IntegratedAccount, 'id' | 'scopes' | 'apiBase'>
  readonly grant: SealedGrant
  readonly times: GrantTimes
  /** Epoch milliseconds. */
  readonly at: number
}

export interface ConnectionStore {
  identity(accountId: string): Promise<AccountIdentity | undefined>
  setIdentity(accountId: string, identity: AccountIdentity): Promise<void>
  /** How many accounts that are not removed, of any tenant, this user of this organisation has connected. */
  countLive(system: string, identity: Pick<AccountIdentity, 'orgId' | 'userId'>): Promise<number>
  /** Makes the account active with the new grant. False when its grant is not the one that was seen any more. */
  replaceGrant(seen: number, next: Replacement): Promise<boolean>
}

export function connectionStore(db: Kysely<Tables>): ConnectionStore {
  return {
    async identity(accountId) {
      const row = await db
        .selectFrom('account_identity')
        .selectAll()
        .where('account_id', '=', accountId)
        .executeTakeFirst()
      return row && { orgId: row.org_id, userId: row.user_id, org: row.org }
    },

    async setIdentity(accountId, { orgId, userId, org }) {
      const row = { org_id: orgId, user_id: userId, org }
      await db
        .insertInto('account_identity')
        .values({ account_id: accountId, ...row })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
        .execute()
    },

    async countLive(system, { orgId, userId }) {
      const row = await db
        .selectFrom('account_identity as known')
        .innerJoin('account', 'account.id', 'known.account_id')
        .select((eb) => eb.fn.countAll<number>().as('live'))
        .where('known.org_id', '=', orgId)
        .where('known.user_id', '=', userId)
        .where('account.system', '=', system)
        .where('account.status', '<>', 'disconnected')
        .executeTakeFirst()
      return Number(row?.live ?? 0)
    },

    async replaceGrant(seen, { account, grant, times, at }) {
      return db.transaction().execute(async (tx) => {
        const updated = await tx
          .updateTable('account')
          .set({
            status: 'active',
            reason: null,
            scopes: account.scopes === undefined ? null : JSON.stringify(account.scopes),
            api_base: account.apiBase,
            ver: grant.ver,
            expires_at: times.expiresAt,
            refresh_at: times.refreshAt,
            // A refresh of the old grant that is under way finds neither its lease nor its version.
            lease_owner: null,
            lease_until: 0,
            attempts: 0,
            attempted_at: 0,
            failures: 0,
            retry_at: 0,
            suspect_at: 0,
            replayed: 0,
          })
          .where('id', '=', account.id)
          .where('ver', '=', seen)
          .where('status', '!=', 'disconnected')
          .returning(['tenant', 'system', 'epoch'])
          .executeTakeFirst()
        if (!updated) return false
        // An epoch that was announced has come to its end; announcing that twice writes nothing.
        if (updated.epoch > 0) {
          await announce(tx, { kind: 'account.recovered', accountId: account.id, ...updated, reason: undefined, at })
        }
        await tx.updateTable('account_secret').set(secretColumns(grant)).where('account_id', '=', account.id).execute()
        return true
      })
    },
  }
}
