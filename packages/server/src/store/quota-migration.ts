/**
 * @module
 * The schema's fourth step: how much of a system's quota each account has used, for all processes.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const quotaMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('quota_budget')
      .addColumn('account_id', 'text', (c) => c.primaryKey())
      .addColumn('ver', 'bigint', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .execute()
  },
}
