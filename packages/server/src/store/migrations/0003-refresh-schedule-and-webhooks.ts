/**
 * @module
 * What refreshes grants ahead of their expiry needs, and the tables of webhooks, which tell tenants when a grant is lost.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const counters = ['used_at', 'retry_at', 'failures', 'attempted_at', 'suspect_at', 'replayed', 'epoch'] as const

export const migration0003: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of counters) {
      await db.schema
        .alterTable('account')
        .addColumn(column, 'bigint', (c) => c.notNull().defaultTo(0))
        .execute()
    }
    // Partial, and led by the system: each claim is one range of one index, however many accounts there are.
    await sql`create index account_due on account (system, refresh_at) where status = 'active'`.execute(db)
    await sql`create index account_probe on account (system, refresh_at) where status = 'needs_reauth'`.execute(db)
    await db.schema.createIndex('account_secret_by_key').on('account_secret').columns(['kid', 'account_id']).execute()

    await db.schema
      .createTable('outbox')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('payload', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('outbox_once', ['account_id', 'epoch', 'kind'])
      .execute()
    await db.schema
      .createTable('webhook_endpoint')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant', 'text', (c) => c.notNull())
      .addColumn('url', 'text', (c) => c.notNull())
      .addColumn('kid', 'integer', (c) => c.notNull())
      .addColumn('sealed', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('disabled_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('webhook_endpoint_by_tenant')
      .on('webhook_endpoint')
      .columns(['tenant', 'created_at'])
      .execute()
    await db.schema
      .createTable('webhook_delivery')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('event_id', 'text', (c) => c.notNull().references('outbox.id'))
      .addColumn('endpoint_id', 'text', (c) => c.notNull().references('webhook_endpoint.id'))
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('next_at', 'bigint', (c) => c.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_until', 'bigint', (c) => c.notNull())
      .addColumn('done_at', 'bigint')
      .addColumn('outcome', 'text')
      .execute()
    await sql`create index webhook_delivery_due on webhook_delivery (next_at) where done_at is null`.execute(db)
    await db.schema.createIndex('webhook_delivery_by_endpoint').on('webhook_delivery').column('endpoint_id').execute()
  },
}
