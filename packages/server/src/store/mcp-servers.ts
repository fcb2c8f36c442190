/**
 * @module
 * MCP server rows, found by the hash of their token.
 */
import { type McpServerConfig, mcpServerConfig } from '@quartermaster/protocol'
import type { Kysely, Selectable } from 'kysely'
import type { McpServer } from '../tenants/mcp-server.ts'
import type { McpServerTable, Tables } from './tables.ts'

export interface McpServerStore {
  insert(server: McpServer, tokenHash: string): Promise<void>
  find(id: string): Promise<McpServer | undefined>
  findByHash(tokenHash: string): Promise<McpServer | undefined>
  /** Those of `ids` that are neither revoked nor expired. */
  open(ids: readonly string[], now: number): Promise<ReadonlySet<string>>
  listByAccount(accountId: string): Promise<readonly McpServer[]>
  /** True when this call revoked it; false when it was already. */
  revoke(id: string, now: number): Promise<boolean>
  revokeByAccount(accountId: string, now: number): Promise<void>
}

export function mcpServerStore(db: Kysely<Tables>): McpServerStore {
  const all = () => db.selectFrom('mcp_server').selectAll()
  return {
    async insert(server, tokenHash) {
      await db
        .insertInto('mcp_server')
        .values({
          id: server.id,
          tenant: server.tenant,
          account_id: server.accountId,
          name: server.name,
          config: JSON.stringify(server.config),
          token_hash: tokenHash,
          created_at: server.createdAt,
          expires_at: server.expiresAt,
          revoked_at: null,
        })
        .execute()
    },
    async find(id) {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row && toServer(row)
    },
    async findByHash(tokenHash) {
      const row = await all().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toServer(row)
    },
    async open(ids, now) {
      const rows = await db
        .selectFrom('mcp_server')
        .select('id')
        .where('id', 'in', ids)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .execute()
      return new Set(rows.map(({ id }) => id))
    },
    async listByAccount(accountId) {
      const rows = await all().where('account_id', '=', accountId).orderBy('created_at').orderBy('id').execute()
      return rows.map(toServer)
    },
    async revoke(id, now) {
      const result = await db
        .updateTable('mcp_server')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async revokeByAccount(accountId, now) {
      await db
        .updateTable('mcp_server')
        .set({ revoked_at: now })
        .where('account_id', '=', accountId)
        .where('revoked_at', 'is', null)
        .execute()
    },
  }
}

function toServer(row: Selectable<McpServerTable>): McpServer {
  return {
    id: row.id,
    tenant: row.tenant,
    accountId: row.account_id,
    name: row.name,
    config: configOf(row.config),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
  }
}

const CACHED_CONFIGS = 1_000
const configs = new Map<string, McpServerConfig>()

/** A text always means the same, and few differ: it is read once, not once a request. */
function configOf(text: string): McpServerConfig {
  const known = configs.get(text)
  if (known) return known
  const read = Object.freeze(mcpServerConfig.parse(JSON.parse(text)))
  if (configs.size >= CACHED_CONFIGS) configs.clear()
  configs.set(text, read)
  return read
}
