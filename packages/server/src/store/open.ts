/**
 * @module
 * Opens the embedded store: one SQLite database in a data directory, migrated to the current schema.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { isDead, newLeaseOwner } from '../entities/lease-owner.ts'
import { type AccountStore, accountStore } from './accounts.ts'
import { type ApiTokenStore, apiTokenStore } from './api-tokens.ts'
import { type ApprovalStore, approvalStore } from './approvals.ts'
import { type AuditStore, auditStore } from './audit.ts'
import { BusyTimeoutSqliteDialect } from './busy-timeout-sqlite-dialect.ts'
import { type ConnectSessionStore, connectSessionStore } from './connect-sessions.ts'
import { type ConnectionStore, connectionStore } from './connections.ts'
import { type Dialect, sqlite } from './dialect.ts'
import { type GrantRevocationStore, grantRevocationStore } from './grant-revocations.ts'
import { claimDirectory } from './host-claim.ts'
import { type IdempotencyKeyStore, idempotencyKeyStore } from './idempotency-keys.ts'
import { type McpServerStore, mcpServerStore } from './mcp-servers.ts'
import { type MetaStore, MOVED_TO, metaStore } from './meta.ts'
import { migrate } from './migrate.ts'
import { type OutboxStore, outboxStore } from './outbox.ts'
import { type QuotaStateStore, quotaStateStore } from './quota-states.ts'
import { type RefreshStore, refreshStore } from './refreshes.ts'
import { type ResealStore, resealStore } from './resealing.ts'
import type { Tables } from './schema.ts'
import { openSqlite } from './sqlite-database.ts'
import { type RevokeTenant, tenantRevocation } from './tenant-revocation.ts'
import { type UrlCallStore, urlCallStore } from './url-calls.ts'
import { type WebhookEndpointStore, webhookEndpointStore } from './webhook-endpoints.ts'

/** Who holds leases, and who of them is gone. */
export interface Liveness {
  /** This process, as the owner of leases. */
  readonly owner: string
  /** True only when the owner certainly no longer runs. In doubt it is false, and its leases are waited out. */
  isDead(owner: string): Promise<boolean>
}

export interface Store extends Liveness {
  readonly accounts: AccountStore
  readonly servers: McpServerStore
  readonly apiTokens: ApiTokenStore
  readonly audit: AuditStore
  readonly meta: MetaStore
  readonly connectSessions: ConnectSessionStore
  readonly connections: ConnectionStore
  readonly refreshes: RefreshStore
  readonly outbox: OutboxStore
  readonly endpoints: WebhookEndpointStore
  readonly reseal: ResealStore
  readonly idempotencyKeys: IdempotencyKeyStore
  readonly approvals: ApprovalStore
  readonly revocations: GrantRevocationStore
  readonly revokeTenant: RevokeTenant
  /**
   * Writes something, durably.
   * @throws StoreUnavailable when that cannot be done: the store is gone, full, read-only or replaced.
   */
  checkWritable(): Promise<void>
  readonly quotaStates: QuotaStateStore
  readonly urlCalls: UrlCallStore
  close(): Promise<void>
}

/**
 * Opens the store in `dataDir`, which must exist, or in memory when no directory is given.
 * Several processes on one host may open the same directory.
 * @throws Error when the directory cannot be written, a migration fails, or its data lives elsewhere now.
 */
export async function openStore(dataDir?: string): Promise<Store> {
  const release = dataDir === undefined ? () => {} : claimDirectory(dataDir)
  try {
    return await openAt(dataDir, release)
  } catch (error) {
    release()
    throw error
  }
}

/** What `checkWritable` writes, again and again. */
const WRITABLE = 'writable'

async function openAt(dataDir: string | undefined, release: () => void): Promise<Store> {
  const path = dataDir === undefined ? ':memory:' : join(dataDir, 'quartermaster.db')
  const database = openSqlite(path)
  if (dataDir !== undefined) chmodSync(path, 0o600)
  const db = new Kysely<Tables>({ dialect: new BusyTimeoutSqliteDialect({ database }) })
  try {
    await database.exclusively(() => migrate(db, sqlite))
    const liveness = { owner: newLeaseOwner(), isDead: async (owner: string) => isDead(owner) }
    const store = storeOn(db, sqlite, liveness, async () => {}, release)
    const movedTo = await store.meta.get(MOVED_TO)
    if (movedTo !== undefined) {
      throw new Error(`Cannot open the store: the data in ${dataDir} was moved to ${movedTo}. Serve it from there`)
    }
    return store
  } catch (error) {
    await db.destroy()
    // Kysely closes only what it has used.
    database.close()
    throw error
  }
}

/** The store over an open, migrated database of either dialect. `close` also ends what the liveness holds, first, and calls `closed`, last. */
export function storeOn(
  db: Kysely<Tables>,
  dialect: Dialect,
  liveness: Liveness,
  release = async () => {},
  closed = () => {},
): Store {
  return {
    accounts: accountStore(db),
    servers: mcpServerStore(db),
    apiTokens: apiTokenStore(db),
    audit: auditStore(db, dialect),
    meta: metaStore(db),
    connectSessions: connectSessionStore(db),
    connections: connectionStore(db),
    refreshes: refreshStore(db),
    outbox: outboxStore(db),
    endpoints: webhookEndpointStore(db),
    reseal: resealStore(db),
    idempotencyKeys: idempotencyKeyStore(db),
    approvals: approvalStore(db),
    revocations: grantRevocationStore(db),
    revokeTenant: tenantRevocation(db),
    quotaStates: quotaStateStore(db),
    urlCalls: urlCallStore(db),
    owner: liveness.owner,
    isDead: (owner) => liveness.isDead(owner),
    checkWritable: () => metaStore(db).put(WRITABLE, 'yes'),
    async close() {
      await release()
      await db.destroy()
      closed()
    },
  }
}
