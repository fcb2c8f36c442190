/**
 * @module
 * A process that takes all the permits it can get of one window: `node lease-permits.ts <store> <limit>`. Says when it is
 * ready, begins when it is told to, prints how many it was granted.
 */
import { Redis } from 'ioredis'
import pg from 'pg'
import type { GateStore, PermitLease } from '../src/gate/gate-store.ts'
import { redisGateStore } from '../src/gate/redis-gate-store.ts'
import { sqlGateStore } from '../src/gate/sql-gate-store.ts'
import { sqliteGateStore } from '../src/gate/sqlite-gate-store.ts'

/** Nothing of it is over before the test is. */
const WINDOW_MS = 3_600_000
const AT_ONCE = 3

const [where = '', limit = '0'] = process.argv.slice(2)
const pool = where.startsWith('postgres') ? new pg.Pool({ connectionString: where, max: AT_ONCE }) : undefined
const redis = where.startsWith('redis:') ? new Redis(where) : undefined
const store = openStore()
// Connecting and making the table are not what is tried here.
await store.heldMs('none')
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
let granted = 0
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let last = await lease(); last.granted > 0; last = await lease()) granted += last.granted
  }),
)
process.stdout.write(`${granted}\n`)
await pool?.end()
redis?.disconnect()
process.exit(0)

/** A store that is busy with the others rejects, and then a gate goes on without it; this asks again. */
async function lease(): Promise<PermitLease> {
  for (;;) {
    try {
      return await store.lease('acc', { want: 2, limit: Number(limit), windowMs: WINDOW_MS })
    } catch (error) {
      if (!/locked|busy|timeout/i.test(String(error))) throw error
    }
  }
}

function openStore(): GateStore {
  if (pool) return sqlGateStore((text, values) => pool.query(text, [...values]), { dialect: 'postgres' })
  if (!redis) return sqliteGateStore(where)
  return redisGateStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args), {
    prefix: new URL(where).hash,
  })
}
