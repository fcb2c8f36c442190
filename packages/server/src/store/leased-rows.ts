/**
 * @module
 * Rows of work that one process at a time may take: leased when they are due, put off when an attempt has failed.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from './schema.ts'

/** A table with the columns `next_at`, `lease_owner`, `lease_until` and `attempts`. */
export interface LeasedTable {
  readonly table: 'webhook_delivery' | 'grant_revocation'
  readonly key: string
  /** Which rows are still to be done; all of them when left out. */
  readonly isOpen?: RawBuilder<unknown>
}

export interface LeaseClaim {
  readonly owner: string
  /** Epoch milliseconds at which the leases end. */
  readonly until: number
  readonly now: number
  readonly limit: number
}

/** Leases rows that are due, the oldest first, and counts an attempt of each. Returns their keys. */
export async function claimRows(
  db: Kysely<Tables>,
  { table, key, isOpen = sql`true` }: LeasedTable,
  { owner, until, now, limit }: LeaseClaim,
): Promise<readonly string[]> {
  const id = sql.ref(key)
  const isFree = sql`lease_until <= ${now} and ${isOpen}`
  // The conditions are repeated for a store that checks the row once more after waiting for another claim.
  const { rows } = await sql<{ readonly id: string }>`
    update ${sql.table(table)} set lease_owner = ${owner}, lease_until = ${until}, attempts = attempts + 1
    where ${id} in (
      select ${id} from ${sql.table(table)} where next_at <= ${now} and ${isFree} order by next_at limit ${limit}
    ) and ${isFree}
    returning ${id} as id`.execute(db)
  return rows.map((row) => row.id)
}

/** Ends a lease and says when the row is due again. False when the lease is another's. */
export async function putOff(
  db: Kysely<Tables>,
  { table, key }: LeasedTable,
  id: string,
  owner: string,
  nextAt: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set next_at = ${nextAt}, lease_owner = null, lease_until = 0
    where ${sql.ref(key)} = ${id} and lease_owner = ${owner}`.execute(db)
  return numAffectedRows === 1n
}
