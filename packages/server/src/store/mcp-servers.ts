/**
 * @module
 * MCP server rows, found by the hash of their token.
 */
import { type McpServerConfig, mcpServerConfig } from '@quartermaster/protocol'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import { accountIdsOf, type McpServer } from '../entities/mcp-server.ts'
import { isOver, readAccounts, writeOtherAccounts } from './accounts-of-url.ts'
import {
  type Derivation,
  type DerivationResult,
  deriveServer,
  type EffectiveRow,
  effectiveRows,
} from './derived-servers.ts'
import { openedByAny, opens, rotated, stillOpening } from './rotated-tokens.ts'
import type { Tables } from './schema.ts'

export interface McpServerStore {
  insert(server: McpServer, tokenHash: string): Promise<void>
  /** Stores a URL that was derived from another one. It ends with the first of its ancestors that ends. */
  derive(derivation: Derivation, now: number): Promise<DerivationResult>
  find(id: string): Promise<McpServer | undefined>
  /** The server that a token opens at `now`: its current one, or the one before it while both work. */
  findByHash(tokenHash: string, now: number): Promise<McpServer | undefined>
  /** The hashes of the tokens that open a server at `now`: those of `tokenHashes`, and others of the same servers. */
  open(tokenHashes: readonly string[], now: number): Promise<ReadonlySet<string>>
  /** Those over this account, alone or with others. */
  listByAccount(accountId: string): Promise<readonly McpServer[]>
  /** True when this call revoked it; false when it was already. */
  revoke(id: string, now: number): Promise<boolean>
  /**
   * Replaces the token of a server that works. The current one becomes the old one until `oldUntil`, and the one before
   * it stops to open. False when the server does not work any more.
   */
  rotate(id: string, next: { readonly tokenHash: string; readonly oldUntil: number }, now: number): Promise<boolean>
  /** Renames a server that works, or ends it earlier. False when it does not work any more, or would work for longer. */
  change(id: string, to: { readonly name?: string; readonly expiresAt?: number }, now: number): Promise<boolean>
  /**
   * Removes those that were revoked or expired before this time. What was derived from one works no more and stays until
   * its own end. Returns how many.
   */
  sweep(before: number): Promise<number>
}

export function mcpServerStore(db: Kysely<Tables>): McpServerStore {
  const all = () => db.selectFrom('mcp_server').selectAll()
  const working = (id: string, now: number) =>
    db.updateTable('mcp_server').where('id', '=', id).where('revoked_at', 'is', null).where('expires_at', '>', now)
  return {
    async insert(server, tokenHash) {
      await db
        .insertInto('mcp_server')
        .values({
          id: server.id,
          tenant: server.tenant,
          account_id: server.accountId,
          other_accounts: writeOtherAccounts(server),
          name: server.name,
          config: JSON.stringify(server.config),
          token_hash: tokenHash,
          created_at: server.createdAt,
          expires_at: server.expiresAt,
          revoked_at: null,
          old_hash: null,
          old_until: 0,
        })
        .execute()
    },
    derive: (derivation, now) => deriveServer(db, derivation, now),
    async find(id) {
      const [row] = await effectiveRows(db, await all().where('id', '=', id).execute())
      return row && toServer(row)
    },
    async findByHash(tokenHash, now) {
      const [row] = await effectiveRows(db, await all().where(opens(tokenHash, now)).execute())
      return row && toServer(row)
    },
    async open(tokenHashes, now) {
      const rows = await effectiveRows(db, await all().where(openedByAny(tokenHashes)).execute())
      const held = rows.filter((row) => row.revoked_at === null && row.expires_at > now)
      return new Set(held.flatMap((row) => stillOpening(row, now)))
    },
    async listByAccount(accountId) {
      const rows = await all().where(isOver(accountId)).orderBy('created_at').orderBy('id').execute()
      return (await effectiveRows(db, rows)).map(toServer)
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
    async rotate(id, next, now) {
      const result = await working(id, now).set(rotated(next)).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async change(id, { name, expiresAt }, now) {
      const result = await working(id, now)
        .set({ ...(name === undefined ? {} : { name }), ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) })
        .where('expires_at', '>=', expiresAt ?? 0)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async sweep(before) {
      const { numDeletedRows } = await db
        .deleteFrom('mcp_server')
        .where((row) => row.or([row('expires_at', '<', before), row('revoked_at', '<', before)]))
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

function toServer(row: EffectiveRow): McpServer {
  return {
    id: row.id,
    tenant: row.tenant,
    ...readAccounts(row),
    name: row.name,
    config: configOf(row.config),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
    ...(row.old_hash === null ? {} : { oldUntil: row.old_until }),
    ...(row.parent_id === null ? {} : ancestorsOf(row, row.parent_id)),
  }
}

function ancestorsOf({ wider, ancestors }: EffectiveRow, parentId: string) {
  const ancestorAccountIds = ancestors.map((one) => accountIdsOf(readAccounts(one)))
  return { parentId, ancestorConfigs: configsOf(wider ?? '[]'), ancestorAccountIds }
}

const CACHED_CONFIGS = 1_000
const configs = new LRUCache<string, McpServerConfig>({ max: CACHED_CONFIGS })

function configsOf(text: string): readonly McpServerConfig[] {
  return (JSON.parse(text) as readonly unknown[]).map((config) => configOf(JSON.stringify(config)))
}

/** A text always means the same, and few differ: it is read once, not once a request. */
function configOf(text: string): McpServerConfig {
  const known = configs.get(text)
  if (known) return known
  const read = Object.freeze(mcpServerConfig.parse(JSON.parse(text)))
  configs.set(text, read)
  return read
}
