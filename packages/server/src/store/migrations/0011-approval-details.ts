/**
 * @module
 * What the person who decides about an approval is shown.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const migration0011: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('approval').addColumn('details', 'text').execute()
  },
}
