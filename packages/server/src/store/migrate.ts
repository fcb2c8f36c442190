/**
 * @module
 * Brings a database to the current schema. Any number of processes may start at once: one works, the others wait.
 */
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Dialect } from './dialect.ts'
import { migrations } from './migrations.ts'
import type { Tables } from './tables.ts'

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
