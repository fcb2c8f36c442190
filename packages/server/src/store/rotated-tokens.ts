/**
 * @module
 * Two secrets that open one row for a while: the current one, and the one it has replaced.
 */
import { type Expression, type SqlBool, sql } from 'kysely'

/** One look-up over two unique indexes: a row that has two secrets is found by either. */
export function opens(tokenHash: string, now: number): Expression<SqlBool> {
  return sql<SqlBool>`(token_hash = ${tokenHash} or (old_hash = ${tokenHash} and old_until > ${now}))`
}

/** The columns after a rotation. A third secret has no place: the one that was old is gone. */
export function rotated({ tokenHash, oldUntil }: { readonly tokenHash: string; readonly oldUntil: number }) {
  return { token_hash: tokenHash, old_hash: sql<string>`token_hash`, old_until: oldUntil }
}
