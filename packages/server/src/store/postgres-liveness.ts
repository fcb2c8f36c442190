/**
 * @module
 * Which processes still live, told by PostgreSQL: each holds an advisory lock on its own name, on a connection kept for
 * that alone. The server frees the lock when the process is gone.
 *
 * A free lock is a suspicion, not yet a proof: the connection may have broken, or the database have restarted, and the
 * process is about to take its lock again. So it must stay free for a while; and a process on this host can be looked
 * at directly.
 */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Client } from 'pg'
import { isDead, isLocal, newLeaseOwner } from '../entities/lease-owner.ts'
import type { Liveness } from './open.ts'
import { connectionConfig, type PostgresAddress } from './postgres-pool.ts'
import type { Tables } from './schema.ts'
import { postgresFault } from './unavailable.ts'

/** How long a lock must be found free. A living process tries to have it back five times in this time. */
const CONFIRM_MS = 500
/** Looks further apart than this do not add up: in between, the process may have come back. */
const CONTINUITY_MS = 1_000
const RETAKE_MS = 100
const MAX_SUSPECTS = 1_000

export interface PostgresLiveness {
  /** The liveness, asking about others through `db`. */
  over(db: Kysely<Tables>): Liveness
  /** Lets go of the lock: from now on this process counts as gone. */
  release(): Promise<void>
}

/** Takes this process's lock and keeps it until released. @throws StoreUnavailable when the database is not there. */
export async function postgresLiveness(address: PostgresAddress): Promise<PostgresLiveness> {
  const { default: pg } = await import('pg')
  const config = await connectionConfig(address, 5_000)
  const owner = newLeaseOwner()
  let held: Client | undefined
  let released = false
  let timer: NodeJS.Timeout | undefined

  async function take(): Promise<void> {
    // No idle limit ends this session: it is idle all its life.
    const client = new pg.Client({ ...config, application_name: 'quartermaster liveness' })
    const lost = () => {
      if (held !== client) return
      held = undefined
      retake()
    }
    client.on('error', lost)
    client.on('end', lost)
    try {
      await client.connect()
      const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [lockOf(owner)])
      if (rows[0]?.taken !== true) throw new Error('the lock is still held by the connection that broke')
      held = client
    } catch (error) {
      await client.end().catch(() => undefined)
      throw postgresFault(error, address.where)
    }
    if (released) await client.end()
  }

  function retake(): void {
    if (released) return
    timer = setTimeout(() => take().catch(retake), RETAKE_MS)
    timer.unref()
  }

  await take()
  return {
    over: (db) => ({
      owner,
      isDead: suspicion(
        (other) => isFree(db, other),
        () => performance.now(),
      ),
    }),
    async release() {
      released = true
      clearTimeout(timer)
      const client = held
      held = undefined
      await client?.end()
    },
  }
}

/** Becomes a certainty when `isFree` has answered true again and again for long enough. */
export function suspicion(
  isFree: (owner: string) => Promise<boolean>,
  now: () => number,
): (owner: string) => Promise<boolean> {
  const suspects = new LRUCache<string, { since: number; last: number }>({ max: MAX_SUSPECTS })
  return async (owner) => {
    // A process of this host that still runs is not dead, whatever became of its connection.
    if (isLocal(owner) && !isDead(owner)) return false
    if (!(await isFree(owner))) {
      suspects.delete(owner)
      return false
    }
    if (isLocal(owner)) return true
    const at = now()
    const seen = suspects.get(owner)
    const since = seen && at - seen.last <= CONTINUITY_MS ? seen.since : at
    suspects.set(owner, { since, last: at })
    return at - since >= CONFIRM_MS
  }
}

/** Takes the lock for the length of one statement: possible only when its owner does not hold it. */
async function isFree(db: Kysely<Tables>, owner: string): Promise<boolean> {
  const { rows } = await sql<{
    free: boolean
  }>`select pg_try_advisory_xact_lock_shared(${lockOf(owner)}) as free`.execute(db)
  return rows[0]?.free === true
}

/** 64 bits of the owner's hash, as the decimal text of a signed number, which is what PostgreSQL takes. */
function lockOf(owner: string): string {
  return createHash('sha256').update(`quartermaster|${owner}`).digest().readBigInt64BE().toString()
}
