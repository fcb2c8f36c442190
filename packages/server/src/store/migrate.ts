/**
 * @module
 * Brings a database to the current schema. Any number of processes may start at once: one works, the others wait.
 */
import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Dialect } from './dialect.ts'
import { migration0001 } from './migrations/0001-accounts-servers-tokens-audit.ts'
import { migration0002 } from './migrations/0002-connect.ts'
import { migration0003 } from './migrations/0003-refresh-schedule-and-webhooks.ts'
import { migration0004 } from './migrations/0004-quota.ts'
import { migration0005 } from './migrations/0005-lifecycle.ts'
import { migration0006 } from './migrations/0006-audit-chain.ts'
import { migration0007 } from './migrations/0007-writes.ts'
import { migration0008 } from './migrations/0008-derived-urls.ts'
import { migration0009 } from './migrations/0009-accounts-of-url.ts'
import { migration0010 } from './migrations/0010-url-writes.ts'
import { migration0011 } from './migrations/0011-approval-details.ts'
import { migration0012 } from './migrations/0012-url-calls.ts'
import type { Tables } from './schema.ts'

/** In their order. A name is recorded in each database, and a migration that has been released is never edited. */
const migrations = (dialect: Dialect): Record<string, Migration> => ({
  '0001_accounts_servers_tokens_audit': migration0001(dialect),
  '0002_connect': migration0002,
  '0003_keeper': migration0003,
  '0004_quota': migration0004,
  '0005_lifecycle': migration0005,
  '0006_audit_chain': migration0006,
  '0007_writes': migration0007,
  '0008_narrowing': migration0008,
  '0009_accounts_of_url': migration0009,
  '0010_url_writes': migration0010,
  '0011_approval_details': migration0011,
  '0012_url_calls': migration0012,
})

/**
 * On PostgreSQL the migrator holds an advisory lock; on SQLite the caller holds the write lock.
 * @throws Error when a migration fails; the database is as it was before.
 */
export async function migrate(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(dialect) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) {
    throw new Error('Cannot open the store: its schema could not be brought up to date', { cause: error })
  }
}
