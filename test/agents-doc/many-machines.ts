/** @module A snippet of docs/agents.md. */
import { RateGate, redisGateStore, sqlGateStore } from '@quartermaster/client'
import { Redis } from 'ioredis'
import pg from 'pg'

const { DATABASE_URL = '', REDIS_URL = '' } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL })
pool.on('error', () => {}) // an idle connection that is lost is replaced
export const throughPostgres = new RateGate({
  store: sqlGateStore((text, values) => pool.query(text, [...values]), { dialect: 'postgres' }),
})

const redis = new Redis(REDIS_URL, { lazyConnect: true })
export const throughRedis = new RateGate({
  store: redisGateStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args)),
})
