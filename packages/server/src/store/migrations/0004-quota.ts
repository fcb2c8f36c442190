/**
 * @module
 * How much of a system's quota each account has used, for all processes.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0004: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('quota_budget')
      .addColumn('account_id', 'text', (c) => c.primaryKey())
      .addColumn('ver', 'bigint', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .execute()
  },
}
