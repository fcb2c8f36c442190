/**
 * @module
 * The tables of connecting: sessions that a link opens, and who stands behind an account.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0002: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('connect_session')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant', 'text', (c) => c.notNull())
      .addColumn('system', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text')
      .addColumn('label', 'text')
      .addColumn('scopes', 'text', (c) => c.notNull())
      .addColumn('return_url', 'text')
      .addColumn('token_hash', 'text', (c) => c.notNull().unique())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('cookie_hash', 'text')
      .addColumn('state_hash', 'text', (c) => c.unique())
      .addColumn('sealed', 'text')
      .addColumn('step_until', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('connect_session_by_expiry').on('connect_session').column('expires_at').execute()
    await db.schema
      .createTable('account_identity')
      .addColumn('account_id', 'text', (c) => c.primaryKey().references('account.id'))
      .addColumn('org_id', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('org', 'text', (c) => c.notNull())
      .execute()
  },
}
