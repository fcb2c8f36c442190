/**
 * @module
 * The chain comes to the audit: what a row says more, the end of each tenant's chain, and the sealed keys. Rows that are
 * there already stay as they are; the first row of the chain says how many they were.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0006: Migration = {
  async up(db: Kysely<unknown>) {
    // One statement a column: SQLite knows no other way.
    await db.schema.alterTable('audit').addColumn('tenant_seq', 'bigint').execute()
    for (const name of ['actor', 'subject', 'shape', 'digest', 'tool_hash']) {
      await db.schema
        .alterTable('audit')
        .addColumn(name, 'text', (c) => c.notNull().defaultTo(''))
        .execute()
    }
    await db.schema
      .alterTable('audit')
      .addColumn('times', 'integer', (c) => c.notNull().defaultTo(1))
      .execute()
    await db.schema.alterTable('audit').addColumn('hash', 'text').execute()
    await sql`create index audit_intent on audit (seq) where phase = 'intent'`.execute(db)
    await db.schema
      .createTable('audit_head')
      .addColumn('tenant', 'text', (c) => c.primaryKey())
      .addColumn('seq', 'bigint', (c) => c.notNull())
      .addColumn('hash', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('mac', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('audit_key')
      .addColumn('tenant', 'text', (c) => c.primaryKey())
      .addColumn('kid', 'integer', (c) => c.notNull())
      .addColumn('sealed', 'text', (c) => c.notNull())
      .execute()
  },
}
