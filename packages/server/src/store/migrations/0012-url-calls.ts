/**
 * @module
 * How many calls a URL has made on a day.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0012: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('url_calls')
      .addColumn('server_id', 'text', (c) => c.primaryKey())
      .addColumn('day', 'bigint', (c) => c.notNull())
      .addColumn('calls', 'bigint', (c) => c.notNull())
      .execute()
  },
}
