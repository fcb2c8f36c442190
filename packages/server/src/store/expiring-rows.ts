/**
 * @module
 * Rows that end by themselves and belong to a URL, which may have so many of them: how they are inserted, until when a
 * key of the ring is needed for them, and their removal.
 */
import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import type { Tables } from './schema.ts'

/** A URL may have fewer than `limit` rows before it gets another one; of those that `only` speaks of. */
export interface RowLimit {
  readonly limit: number
  readonly only?: Expression<SqlBool>
}

/** The URL has as many as it may: until when the first of them is kept, in epoch milliseconds. */
export interface LimitReached {
  readonly limitReachedUntil: number
}

export interface ExpiringRows {
  /** Until when a row counts that was made with this key; undefined when none does. */
  neededUntil(kid: number, now: number): Promise<number | undefined>
  /** Deletes what has expired, of all URLs or of one. Returns how many. */
  sweep(now: number, serverId?: string): Promise<number>
  /**
   * Inserts the row, also over an expired one of the same id, while no limit is reached: true when it did. Counting looks at
   * no more entries of an index than the limit. On PostgreSQL, rows that are inserted at the same moment do not count
   * each other.
   */
  insert(row: OwnedRow, now: number, limits: readonly RowLimit[]): Promise<boolean>
  /** What stands in the way of another row; undefined when nothing does. */
  limitReached(limit: RowLimit, serverId: string): Promise<LimitReached | undefined>
}

interface OwnedRow {
  readonly id: string
  readonly server_id: string
  readonly expires_at: number
}

const any = sql<SqlBool>`1 = 1`

export function expiringRows(db: Kysely<Tables>, name: 'made_write' | 'approval'): ExpiringRows {
  const table = sql.table(name)
  return {
    async neededUntil(kid, now) {
      const { rows } = await sql<{ last: number | null }>`
        select max(expires_at) as last from ${table} where kid = ${kid} and expires_at > ${now}`.execute(db)
      return rows[0]?.last ?? undefined
    },
    async sweep(now, serverId) {
      const own = serverId === undefined ? any : sql<SqlBool>`server_id = ${serverId}`
      const { numAffectedRows } = await sql`delete from ${table} where expires_at <= ${now} and ${own}`.execute(db)
      return Number(numAffectedRows ?? 0)
    },
    async insert(row, now, limits) {
      const columns = Object.keys(row).map((column) => sql.ref(column))
      const isFree = limits.map(
        ({ limit, only = any }) => sql<SqlBool>`(select count(*) from
          (select 1 from ${table} where server_id = ${row.server_id} and ${only} limit ${limit}) as counted) < ${limit}`,
      )
      const { numAffectedRows } = await sql`insert into ${table} (${sql.join(columns)})
        select ${sql.join(Object.values(row))} where ${sql.join(isFree, sql` and `)}
        on conflict (id) do update set ${sql.join(columns.map((column) => sql`${column} = excluded.${column}`))}
        where ${table}.expires_at <= ${now}`.execute(db)
      return Number(numAffectedRows ?? 0) > 0
    },
    async limitReached({ limit, only = any }, serverId) {
      const { rows } = await sql<{ first: number | null; n: number }>`
        select min(expires_at) as first, count(*) as n from (select expires_at from ${table}
          where server_id = ${serverId} and ${only} order by expires_at limit ${limit}) as counted`.execute(db)
      const { first = null, n = 0 } = rows[0] ?? {}
      return first !== null && n >= limit ? { limitReachedUntil: first } : undefined
    },
  }
}
