/**
 * @module
 * Opens the embedded store: one SQLite database in a data directory, migrated to the current schema.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { type AccountStore, accountStore } from './accounts.ts'
import { type ApiTokenStore, apiTokenStore } from './api-tokens.ts'
import { type AuditStore, auditStore } from './audit.ts'
import { type McpServerStore, mcpServerStore } from './mcp-servers.ts'
import { type MetaStore, metaStore } from './meta.ts'
import { migrations } from './migrations.ts'
import { type OutboxStore, outboxStore } from './outbox.ts'
import { type RefreshStore, refreshStore } from './refreshes.ts'
import { type ResealStore, resealStore } from './resealing.ts'
import { openSqlite } from './sqlite-database.ts'
import type { Tables } from './tables.ts'
import { type WebhookEndpointStore, webhookEndpointStore } from './webhook-endpoints.ts'

export interface Store {
  readonly accounts: AccountStore
  readonly servers: McpServerStore
  readonly apiTokens: ApiTokenStore
  readonly audit: AuditStore
  readonly meta: MetaStore
  readonly refreshes: RefreshStore
  readonly outbox: OutboxStore
  readonly endpoints: WebhookEndpointStore
  readonly reseal: ResealStore
  close(): Promise<void>
}

/** Together a good five seconds. */
const MIGRATION_TRIES = 20

/**
 * Opens the store in `dataDir` (created with mode 0700 when missing), or in memory when no directory is given.
 * Several processes on one host may open the same directory.
 * @throws Error when the directory cannot be written or a migration fails.
 */
export async function openStore(dataDir?: string): Promise<Store> {
  const path = dataDir === undefined ? ':memory:' : join(dataDir, 'quartermaster.db')
  if (dataDir !== undefined) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  }
  const database = openSqlite(path)
  if (dataDir !== undefined) chmodSync(path, 0o600)
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
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
    refreshes: refreshStore(db),
    outbox: outboxStore(db),
    endpoints: webhookEndpointStore(db),
    reseal: resealStore(db),
    close: () => db.destroy(),
  }
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  // Of processes that start together, one migrates; the others are refused until it has, and then find nothing to do.
  for (let tries = 1; ; tries++) {
    const { error } = await migrator.migrateToLatest()
    if (error === undefined) return
    if (tries === MIGRATION_TRIES) {
      throw new Error('Cannot open the store: its schema could not be brought up to date', { cause: error })
    }
    await delay(25 * tries)
  }
}
