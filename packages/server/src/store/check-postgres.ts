/**
 * @module
 * Refuses a PostgreSQL that could lose or misread what is stored: a commit that is not on disk is a refresh token that
 * is gone, and a clock that is wrong is a lease that is not one.
 */
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.ts'

/** Leases run for ten seconds; this much disagreement between clocks is still far from harm. */
const MAX_CLOCK_OFFSET_MS = 2_000
/** The oldest version that is still supported by its makers (postgresql.org/support/versioning). */
const OLDEST_VERSION = 14

interface Settings {
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
  readonly server_encoding: string
  readonly version: number
  readonly standby: boolean
  readonly now_ms: number
}

/** @throws Error that names every setting at fault at once. */
export async function checkPostgres(db: Kysely<Tables>, where: string, now: () => number): Promise<void> {
  const askedAt = now()
  const { rows } = await sql<Settings>`select
    current_setting('fsync') as fsync,
    current_setting('full_page_writes') as full_page_writes,
    current_setting('synchronous_commit') as synchronous_commit,
    current_setting('server_encoding') as server_encoding,
    current_setting('server_version_num')::int / 10000 as version,
    pg_is_in_recovery() as standby,
    floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms`.execute(db)
  const answeredAt = now()
  const [found] = rows
  if (!found) throw new Error(`Cannot open the database at ${where}: it does not tell its settings`)
  const faults: string[] = []
  if (found.version < OLDEST_VERSION) faults.push(`PostgreSQL ${found.version} is too old, ${OLDEST_VERSION} is needed`)
  if (found.standby) faults.push('it is a standby, which cannot be written to')
  if (found.fsync !== 'on') faults.push('fsync is off, so a crash can lose everything')
  if (found.full_page_writes !== 'on') faults.push('full_page_writes is off, so a crash can tear pages')
  if (found.synchronous_commit === 'off') {
    faults.push('synchronous_commit is off, so a crash can lose a refresh token that its system has already replaced')
  }
  if (found.server_encoding !== 'UTF8') faults.push(`its encoding is ${found.server_encoding}, UTF8 is needed`)
  const offset = clockOffset(found.now_ms, askedAt, answeredAt)
  if (offset > MAX_CLOCK_OFFSET_MS) {
    faults.push(`its clock and this host's differ by ${(offset / 1000).toFixed(1)} s, 2 s are the limit`)
  }
  if (faults.length > 0) throw new Error(`Cannot open the database at ${where}: ${faults.join('; ')}`)
}

/** The least by which the two clocks can differ: the server read its own some time between question and answer. */
function clockOffset(serverMs: number, askedAt: number, answeredAt: number): number {
  if (serverMs < askedAt) return askedAt - serverMs
  return Math.max(0, serverMs - answeredAt)
}
