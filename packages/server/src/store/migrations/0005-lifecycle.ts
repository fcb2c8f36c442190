/**
 * @module
 * Tokens that are replaced with an overlap, and grants that are revoked at their systems.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0005: Migration = {
  async up(db: Kysely<unknown>) {
    for (const table of ['mcp_server', 'api_token'] as const) {
      await db.schema.alterTable(table).addColumn('old_hash', 'text').execute()
      await db.schema
        .alterTable(table)
        .addColumn('old_until', 'bigint', (c) => c.notNull().defaultTo(0))
        .execute()
      await db.schema.createIndex(`${table}_by_old_hash`).on(table).column('old_hash').unique().execute()
      await db.schema.createIndex(`${table}_by_tenant`).on(table).column('tenant').execute()
    }
    // Tells accounts apart that live on one refresh token, without opening anything.
    await db.schema.alterTable('account_secret').addColumn('mark', 'text').execute()
    await db.schema.createIndex('account_secret_by_mark').on('account_secret').column('mark').execute()
    await db.schema
      .createIndex('account_identity_by_user')
      .on('account_identity')
      .columns(['org_id', 'user_id'])
      .execute()
    await db.schema
      .createTable('grant_revocation')
      .addColumn('account_id', 'text', (c) => c.primaryKey().references('account.id'))
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('next_at', 'bigint', (c) => c.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_until', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('grant_revocation_due').on('grant_revocation').column('next_at').execute()
  },
}
