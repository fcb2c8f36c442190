/**
 * @module
 * Reads and replaces the budgets of accounts; of two writers who saw the same version, one wins.
 */
import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

export interface StoredQuotaState {
  readonly ver: number
  readonly state: string
}

export interface QuotaStateStore {
  read(accountId: string): Promise<StoredQuotaState | undefined>
  /**
   * One statement: replaces the state if its version is still `seen`, or begins it if there was none (`seen` 0).
   * Its version is then `seen` + 1. False when another process was first.
   */
  write(accountId: string, seen: number, state: string): Promise<boolean>
}

export function quotaStateStore(db: Kysely<Tables>): QuotaStateStore {
  return {
    async read(accountId) {
      const row = await db
        .selectFrom('quota_budget')
        .select(['ver', 'state'])
        .where('account_id', '=', accountId)
        .executeTakeFirst()
      return row && { ver: row.ver, state: row.state }
    },

    async write(accountId, seen, state) {
      if (seen === 0) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('quota_budget')
          .values({ account_id: accountId, ver: 1, state })
          .onConflict((conflict) => conflict.column('account_id').doNothing())
          .executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }
      const { numUpdatedRows } = await db
        .updateTable('quota_budget')
        .set({ ver: seen + 1, state })
        .where('account_id', '=', accountId)
        .where('ver', '=', seen)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}
