/**
 * @module
 * The schema's step for how much of the memory for writes one URL may take: whose a remembered write is, and indexes
 * over which a URL's rows are counted.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0010: Migration = {
  async up(db: Kysely<unknown>) {
    // Rows that are there already count for no URL; they are gone within a day.
    await db.schema
      .alterTable('made_write')
      .addColumn('server_id', 'text', (c) => c.notNull().defaultTo(''))
      .execute()
    await db.schema.createIndex('made_write_by_server').on('made_write').columns(['server_id', 'expires_at']).execute()
    await db.schema.createIndex('approval_by_server').on('approval').columns(['server_id', 'expires_at']).execute()
    await sql`create index approval_open on approval (server_id, expires_at)
      where used_at is null and decision is null`.execute(db)
  },
}
