/**
 * @module
 * Writes that were begun, and what came of them, for as long as they may come again.
 */
import type { Kysely, Selectable } from 'kysely'
import { type ExpiringRows, expiringRows, type LimitReached } from './expiring-rows.ts'
import type { IdempotencyKeyTable, Tables } from './schema.ts'

export interface IdempotentWrite {
  readonly id: string
  readonly tenant: string
  readonly serverId: string
  /** The key that made the digest and sealed the answer. */
  readonly kid: number
  readonly digest: string
  /** The process that makes the write. */
  readonly owner: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly expiresAt: number
  /** Absent while the write is under way, and for ever when its process died. */
  readonly sealed?: Uint8Array
}

export interface IdempotencyKeyStore extends Pick<ExpiringRows, 'neededUntil' | 'sweep'> {
  /**
   * Durable when it resolves. Returns the write that has this id already, if there is one that has not expired, and
   * begins nothing when the URL has `atMost` writes already.
   */
  begin(write: Omit<IdempotentWrite, 'sealed'>, atMost: number): Promise<IdempotentWrite | LimitReached | undefined>
  finish(id: string, kid: number, sealed: Uint8Array): Promise<void>
  /** It did not happen: the same id may begin anew. */
  forget(id: string): Promise<void>
}

export function idempotencyKeyStore(db: Kysely<Tables>): IdempotencyKeyStore {
  const rows = expiringRows(db, 'made_write')
  return {
    neededUntil: rows.neededUntil,
    sweep: rows.sweep,
    async begin(write, atMost) {
      const row = {
        id: write.id,
        tenant: write.tenant,
        server_id: write.serverId,
        kid: write.kid,
        digest: write.digest,
        owner: write.owner,
        started_at: write.startedAt,
        expires_at: write.expiresAt,
        sealed: null,
      }
      if (await rows.insert(row, write.startedAt, [{ limit: atMost }])) return undefined
      const earlier = await db.selectFrom('made_write').selectAll().where('id', '=', write.id).executeTakeFirst()
      if (earlier && earlier.expires_at > write.startedAt) return toWrite(earlier)
      // What has expired counts until it is swept.
      if ((await rows.sweep(write.startedAt, write.serverId)) > 0) return this.begin(write, atMost)
      // The limit is not reached: the earlier one was forgotten in between, and its maker says that nothing happened.
      return (await rows.limitReached({ limit: atMost }, write.serverId)) ?? this.begin(write, atMost)
    },
    async finish(id, kid, sealed) {
      const text = Buffer.from(sealed).toString('base64url')
      await db.updateTable('made_write').set({ kid, sealed: text }).where('id', '=', id).execute()
    },
    async forget(id) {
      await db.deleteFrom('made_write').where('id', '=', id).where('sealed', 'is', null).execute()
    },
  }
}

function toWrite(row: Selectable<IdempotencyKeyTable>): IdempotentWrite {
  return {
    id: row.id,
    tenant: row.tenant,
    serverId: row.server_id,
    kid: row.kid,
    digest: row.digest,
    owner: row.owner,
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    ...(row.sealed === null ? {} : { sealed: Buffer.from(row.sealed, 'base64url') }),
  }
}
