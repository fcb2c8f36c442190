/**
 * @module
 * Opens the embedded store: one SQLite database in a data directory, migrated to the current schema.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { type AccountStore, accountStore } from './accounts.ts'
import { type ApiTokenStore, apiTokenStore } from './api-tokens.ts'
import { type AuditStore, auditStore } from './audit.ts'
import { type ConnectSessionStore, connectSessionStore } from './connect-sessions.ts'
import { type ConnectionStore, connectionStore } from './connections.ts'
import { type McpServerStore, mcpServerStore } from './mcp-servers.ts'
import { type MetaStore, metaStore } from './meta.ts'
import { migrations } from './migrations.ts'
import { PatientSqliteDialect } from './patient-sqlite-dialect.ts'
import { openSqlite } from './sqlite-database.ts'
import type { Tables } from './tables.ts'

export interface Store {
  readonly accounts: AccountStore
  readonly servers: McpServerStore
  readonly apiTokens: ApiTokenStore
  readonly audit: AuditStore
  readonly meta: MetaStore
  readonly connectSessions: ConnectSessionStore
  readonly connections: ConnectionStore
  close(): Promise<void>
}

/**
 * Opens the store in `dataDir`, which must exist, or in memory when no directory is given.
 * Several processes on one host may open the same directory.
 * @throws Error when the directory cannot be written or a migration fails.
 */
export async function openStore(dataDir?: string): Promise<Store> {
  const path = dataDir === undefined ? ':memory:' : join(dataDir, 'quartermaster.db')
  const database = openSqlite(path)
  if (dataDir !== undefined) chmodSync(path, 0o600)
  const db = new Kysely<Tables>({ dialect: new PatientSqliteDialect({ database }) })
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    accounts: accountStore(db),
    servers: mcpServerStore(db),
    apiTokens: apiTokenStore(db),
    audit: auditStore(db),
    meta: metaStore(db),
    connectSessions: connectSessionStore(db),
    connections: connectionStore(db),
    close: () => db.destroy(),
  }
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  // Two processes that start together on a new directory may collide; the second try sees the first one's work.
  const first = await migrator.migrateToLatest()
  if (first.error === undefined) return
  const second = await migrator.migrateToLatest()
  if (second.error !== undefined) {
    throw new Error('Cannot open the store: its schema could not be brought up to date', { cause: second.error })
  }
}
