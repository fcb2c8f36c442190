/**
 * @module
 * URLs over several accounts.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0009: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('mcp_server').addColumn('other_accounts', 'text').execute()
  },
}
