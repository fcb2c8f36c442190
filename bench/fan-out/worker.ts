/**
 * @module
 * One of several processes that read the same account with a shared gate. Starts when its input says so, prints its outcome.
 */
import { connect, type GateStore, redisGateStore, sqlGateStore, sqliteGateStore } from '@quartermaster/client'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type ReadAllOptions, readAll } from './read-all.ts'
import { gate, wireOver } from './ways.ts'

export interface WorkerOptions extends ReadAllOptions {
  readonly url: string
  /** Of the shared gate: a PostgreSQL or Redis URL, or the path of a SQLite file. */
  readonly store: string
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const pool = options.store.startsWith('postgres:')
  ? new pg.Pool({ connectionString: options.store, max: 2 })
  : undefined
const redis = options.store.startsWith('redis:') ? new Redis(options.store) : undefined
const store = openStore()
const conn = await connect(options.url)
const wire = wireOver(conn)
const read = gate(wire, { store })
process.stdout.write('{"ready":true}\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
const outcome = await readAll(wire, read, options)
process.stdout.write(`${JSON.stringify({ ...outcome, refusedAt: wire.refusedAt })}\n`)
await conn.close()
await pool?.end()
redis?.disconnect()
process.exit(0)

function openStore(): GateStore {
  if (pool) return sqlGateStore((text, values) => pool.query(text, [...values]), { dialect: 'postgres' })
  if (redis) return redisGateStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args))
  return sqliteGateStore(options.store)
}
