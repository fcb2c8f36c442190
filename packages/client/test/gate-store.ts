/**
 * @module
 * A process that uses one account as hard as its gate lets it: `node gate-store.ts <store> <vendor> <calls>`.
 * Prints how often it was refused.
 */
import { Redis } from 'ioredis'
import pg from 'pg'
import type { GateStore } from '../src/gate/gate-store.ts'
import { redisGateStore } from '../src/gate/redis-gate-store.ts'
import { sqlGateStore } from '../src/gate/sql-gate-store.ts'
import { sqliteGateStore } from '../src/gate/sqlite-gate-store.ts'
import { RateGate } from '../src/rate-gate.ts'

const [where = '', vendor = '', calls = '0'] = process.argv.slice(2)
const pool = where.startsWith('postgres') ? new pg.Pool({ connectionString: where, max: 2 }) : undefined
const redis = where.startsWith('redis:') ? new Redis(where) : undefined
const store = openStore()
const faults: string[] = []
const gate = new RateGate({
  ...(store ? { store } : {}),
  onEvent: (event) => event.type === 'store_failed' && faults.push(event.message),
})
pool?.on('error', () => undefined)
let left = Number(calls)
let refused = 0
// Connecting and making the table are not what is tried here.
await store?.heldMs('none')
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (left > 0) {
      const entry = await gate.enter('acc', { tool: 'get', jitterMs: 0 })
      if (!entry.ok) continue
      left -= 1
      const response = await fetch(vendor)
      const quota = (await response.json()) as { limit: number; remaining: number; windowMs: number }
      if (response.status === 429) {
        refused += 1
        left += 1
        gate.hold('acc', 200, 'burst')
      }
      entry.leave({ refused: response.status === 429, answered: response.ok, quotas: [{ bucket: 'burst', ...quota }] })
    }
  }),
)
process.stdout.write(`${JSON.stringify({ refused, faults })}\n`)
await pool?.end()
redis?.disconnect()
process.exit(0)

function openStore(): GateStore | undefined {
  if (where === 'none') return undefined
  if (pool) return sqlGateStore((text, values) => pool.query(text, [...values]), { dialect: 'postgres' })
  if (!redis) return sqliteGateStore(where)
  return redisGateStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args), {
    prefix: new URL(where).hash,
  })
}
