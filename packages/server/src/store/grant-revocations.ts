/**
 * @module
 * Grants of removed accounts: who takes the next one back, whether another account lives on it, and its end.
 */
import type { Kysely } from 'kysely'
import type { SealedGrant } from './accounts.ts'
import { claimRows, type LeaseClaim, type LeasedTable, putOff } from './leased-rows.ts'
import type { Tables } from './schema.ts'

export interface DueRevocation {
  readonly accountId: string
  readonly tenant: string
  readonly system: string
  /** Attempts begun, this one included. */
  readonly attempts: number
  readonly secret: SealedGrant
}

/**
 * How it ended, and then the account's reason: its system agreed; nobody had to be told, or nothing could be; it did not
 * agree over a day.
 */
export type RevocationEnd = 'revoked' | 'removed' | 'not_revoked'

export interface GrantRevocationStore {
  /** Takes grants that are due, the oldest first, for as long as the lease runs. */
  claim(claim: LeaseClaim): Promise<readonly DueRevocation[]>
  /**
   * Whether an account that is not removed lives on the same grant: on the same refresh token, or connected by the same
   * user of the same organisation.
   */
  isShared(accountId: string, system: string): Promise<boolean>
  /** Puts it off. False when the lease is no longer ours. */
  retry(accountId: string, owner: string, nextAt: number): Promise<boolean>
  /** Deletes the secret for good. False when the lease is no longer ours. */
  finish(accountId: string, owner: string, end: RevocationEnd): Promise<boolean>
  /** How many are still to be done. */
  pending(): Promise<number>
}

const revocations: LeasedTable = { table: 'grant_revocation', key: 'account_id' }

export function grantRevocationStore(db: Kysely<Tables>): GrantRevocationStore {
  const live = (system: string, accountId: string) =>
    db
      .selectFrom('account')
      .select('account.id')
      .where('account.system', '=', system)
      .where('account.id', '<>', accountId)
      .where('account.status', '<>', 'disconnected')
      .limit(1)
  return {
    async claim(claim) {
      const taken = await claimRows(db, revocations, claim)
      if (taken.length === 0) return []
      const rows = await db
        .selectFrom('grant_revocation as due')
        .innerJoin('account', 'account.id', 'due.account_id')
        .innerJoin('account_secret as secret', 'secret.account_id', 'due.account_id')
        .select(['due.account_id', 'tenant', 'system', 'due.attempts', 'secret.kid', 'secret.sealed', 'secret.ver'])
        .where('due.account_id', 'in', taken)
        .execute()
      return rows.map(({ account_id: accountId, tenant, system, attempts, ...secret }) => ({
        accountId,
        tenant,
        system,
        attempts,
        secret,
      }))
    },

    async isShared(accountId, system) {
      const secret = db.selectFrom('account_secret').select('mark').where('account_id', '=', accountId)
      const byToken = await live(system, accountId)
        .innerJoin('account_secret as other', 'other.account_id', 'account.id')
        .where('other.mark', '=', secret)
        .executeTakeFirst()
      if (byToken) return true
      const byUser = await live(system, accountId)
        .innerJoin('account_identity as other', 'other.account_id', 'account.id')
        .innerJoin('account_identity as mine', (join) =>
          join.onRef('mine.org_id', '=', 'other.org_id').onRef('mine.user_id', '=', 'other.user_id'),
        )
        .where('mine.account_id', '=', accountId)
        .executeTakeFirst()
      return byUser !== undefined
    },

    retry: (accountId, owner, nextAt) => putOff(db, revocations, accountId, owner, nextAt),

    async finish(accountId, owner, end) {
      return db.transaction().execute(async (tx) => {
        const result = await tx
          .deleteFrom('grant_revocation')
          .where('account_id', '=', accountId)
          .where('lease_owner', '=', owner)
          .executeTakeFirst()
        if (result.numDeletedRows !== 1n) return false
        await tx.deleteFrom('account_secret').where('account_id', '=', accountId).execute()
        await tx.updateTable('account').set({ reason: end }).where('id', '=', accountId).execute()
        return true
      })
    },

    async pending() {
      const row = await db
        .selectFrom('grant_revocation')
        .select((eb) => eb.fn.countAll<number>().as('rows'))
        .executeTakeFirst()
      return Number(row?.rows ?? 0)
    },
  }
}
