/**
 * @module
 * URLs that the holders of others have derived from them.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0008: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of ['wider', 'parent_id', 'root_id', 'line']) {
      await db.schema.alterTable('mcp_server').addColumn(column, 'text').execute()
    }
    // No foreign keys: rows are moved between databases in the order of their ids.
    await db.schema.createIndex('mcp_server_by_root').on('mcp_server').column('root_id').execute()
  },
}
