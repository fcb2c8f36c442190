/**
 * @module
 * API token rows, found by the hash of the token.
 */
import type { Kysely, Selectable } from 'kysely'
import { type ApiToken, apiScopes } from '../entities/api-token.ts'
import { openedByAny, opens, rotated, stillOpening } from './rotated-tokens.ts'
import type { ApiTokenTable, Tables } from './schema.ts'

export interface ApiTokenStore {
  insert(token: ApiToken, tokenHash: string): Promise<void>
  find(id: string): Promise<ApiToken | undefined>
  /** The token with this hash at `now`: the current secret, or the one before it while both work. */
  findByHash(tokenHash: string, now: number): Promise<ApiToken | undefined>
  /** The hashes of the secrets that work at `now`: those of `tokenHashes`, and others of the same tokens. */
  valid(tokenHashes: readonly string[], now: number): Promise<ReadonlySet<string>>
  list(tenant: string | undefined): Promise<readonly ApiToken[]>
  revoke(id: string, now: number): Promise<boolean>
  /**
   * Replaces the secret. The current one becomes the old one until `oldUntil`, and the one before it stops to work.
   * False when the token is revoked.
   */
  rotate(id: string, next: { readonly tokenHash: string; readonly oldUntil: number }): Promise<boolean>
  /**
   * Removes tokens of tenants that were revoked before this time; returns how many. An operator's stays, or a server that
   * starts with its secret would take it for a new one.
   */
  sweep(before: number): Promise<number>
}

export function apiTokenStore(db: Kysely<Tables>): ApiTokenStore {
  return {
    async insert(token, tokenHash) {
      await db
        .insertInto('api_token')
        .values({
          id: token.id,
          tenant: token.tenant ?? null,
          name: token.name,
          scopes: token.scopes.join(' '),
          token_hash: tokenHash,
          created_at: token.createdAt,
          revoked_at: null,
          old_hash: null,
          old_until: 0,
        })
        .execute()
    },
    async find(id) {
      const row = await db.selectFrom('api_token').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toApiToken(row)
    },
    async findByHash(tokenHash, now) {
      const row = await db.selectFrom('api_token').selectAll().where(opens(tokenHash, now)).executeTakeFirst()
      return row && toApiToken(row)
    },
    async valid(tokenHashes, now) {
      const held = db.selectFrom('api_token').selectAll().where('revoked_at', 'is', null)
      const rows = await held.where(openedByAny(tokenHashes)).execute()
      return new Set(rows.flatMap((row) => stillOpening(row, now)))
    },
    async list(tenant) {
      const all = db.selectFrom('api_token').selectAll().orderBy('created_at').orderBy('id')
      const rows = await (tenant === undefined ? all : all.where('tenant', '=', tenant)).execute()
      return rows.map(toApiToken)
    },
    async sweep(before) {
      const { numDeletedRows } = await db
        .deleteFrom('api_token')
        .where('tenant', 'is not', null)
        .where('revoked_at', '<', before)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    async revoke(id, now) {
      const result = await db
        .updateTable('api_token')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async rotate(id, next) {
      const result = await db
        .updateTable('api_token')
        .set(rotated(next))
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
  }
}

function toApiToken(row: Selectable<ApiTokenTable>): ApiToken {
  const held = row.scopes.split(' ')
  return {
    id: row.id,
    tenant: row.tenant ?? undefined,
    name: row.name,
    scopes: apiScopes.filter((scope) => held.includes(scope)),
    createdAt: row.created_at,
    revokedAt: row.revoked_at ?? undefined,
    ...(row.old_hash === null ? {} : { oldUntil: row.old_until }),
  }
}
