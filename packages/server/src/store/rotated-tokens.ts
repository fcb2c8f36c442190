/**
 * @module
 * Two secrets that open one row for a while: the current one, and the one it has replaced.
 */
import { type Expression, type SqlBool, sql } from 'kysely'

/** One look-up over two unique indexes: a row that has two secrets is found by either. */
export function opens(tokenHash: string, now: number): Expression<SqlBool> {
  return sql<SqlBool>`(token_hash = ${tokenHash} or (old_hash = ${tokenHash} and old_until > ${now}))`
}

/** The same look-up for many; {@link stillOpening} says which of them were found. */
export function openedByAny(tokenHashes: readonly string[]): Expression<SqlBool> {
  const list = sql.join(tokenHashes)
  return sql<SqlBool>`(token_hash in (${list}) or old_hash in (${list}))`
}

/** The secrets that open this row at `now`. */
export function stillOpening(row: TwoSecrets, now: number): readonly string[] {
  return row.old_hash !== null && row.old_until > now ? [row.token_hash, row.old_hash] : [row.token_hash]
}

interface TwoSecrets {
  readonly token_hash: string
  readonly old_hash: string | null
  readonly old_until: number
}

/** The columns after a rotation. A third secret has no place: the one that was old is gone. */
export function rotated({ tokenHash, oldUntil }: { readonly tokenHash: string; readonly oldUntil: number }) {
  return { token_hash: tokenHash, old_hash: sql<string>`token_hash`, old_until: oldUntil }
}
