/**
 * @module
 * Writes that were begun, and what came of them, for as long as they may come again.
 */
import type { Kysely, Selectable } from 'kysely'
import type { Tables } from './tables.ts'
import type { MadeWriteTable } from './writes-tables.ts'

export interface MadeWrite {
  readonly id: string
  readonly tenant: string
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

export interface MadeWriteStore {
  /** Durable when it resolves. Returns the write that has this id already, if there is one that has not expired. */
  begin(write: Omit<MadeWrite, 'sealed'>): Promise<MadeWrite | undefined>
  finish(id: string, kid: number, sealed: Uint8Array): Promise<void>
  /** It did not happen: the same id may begin anew. */
  forget(id: string): Promise<void>
  /** Until when a write may come again that is compared or opened with this key; undefined when none. */
  neededUntil(kid: number, now: number): Promise<number | undefined>
  /** Deletes what expired before. Returns how many. */
  sweep(now: number): Promise<number>
}

export function madeWriteStore(db: Kysely<Tables>): MadeWriteStore {
  return {
    async begin(write) {
      const row = {
        id: write.id,
        tenant: write.tenant,
        kid: write.kid,
        digest: write.digest,
        owner: write.owner,
        started_at: write.startedAt,
        expires_at: write.expiresAt,
        sealed: null,
      }
      const begun = await db
        .insertInto('made_write')
        .values(row)
        // An expired one makes room; one that still counts stays, and nothing is inserted.
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet(row).where('made_write.expires_at', '<=', write.startedAt),
        )
        .executeTakeFirst()
      if (Number(begun.numInsertedOrUpdatedRows ?? 0) > 0) return undefined
      const earlier = await db.selectFrom('made_write').selectAll().where('id', '=', write.id).executeTakeFirst()
      // Forgotten in between: then its maker says that nothing happened.
      return earlier ? toWrite(earlier) : this.begin(write)
    },
    async finish(id, kid, sealed) {
      const text = Buffer.from(sealed).toString('base64url')
      await db.updateTable('made_write').set({ kid, sealed: text }).where('id', '=', id).execute()
    },
    async forget(id) {
      await db.deleteFrom('made_write').where('id', '=', id).where('sealed', 'is', null).execute()
    },
    async neededUntil(kid, now) {
      const { last } = await db
        .selectFrom('made_write')
        .select((eb) => eb.fn.max('expires_at').as('last'))
        .where('kid', '=', kid)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return last ?? undefined
    },
    async sweep(now) {
      const gone = await db.deleteFrom('made_write').where('expires_at', '<=', now).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

function toWrite(row: Selectable<MadeWriteTable>): MadeWrite {
  return {
    id: row.id,
    tenant: row.tenant,
    kid: row.kid,
    digest: row.digest,
    owner: row.owner,
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    ...(row.sealed === null ? {} : { sealed: Buffer.from(row.sealed, 'base64url') }),
  }
}
