/**
 * @module
 * The schema's step for what somebody who decides about an approval is shown.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const approvalDetailsMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('approval').addColumn('details', 'text').execute()
  },
}
