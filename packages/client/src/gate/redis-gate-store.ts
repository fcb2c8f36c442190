/**
 * @module
 * A {@link GateStore} in Redis or Valkey: a script does each step in one round trip, so no process is ever overtaken.
 */
import { randomUUID } from 'node:crypto'
import type { GateStore, LeaseRequest, PermitLease } from './gate-store.ts'
import { redisLeaseScript } from './redis-lease-script.ts'

/**
 * Runs `EVAL` and gives back its reply. With ioredis: `(script, keys, args) => redis.eval(script, keys.length, ...keys,
 * ...args)`. With node-redis: `(script, keys, args) => client.eval(script, { keys: [...keys], arguments: [...args] })`.
 */
export type RedisEval = (script: string, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/** Where the keys are. */
export interface RedisGateStoreOptions {
  /** Keys are `<prefix>:{<account and quota>}`; default `rate_gate`. It must hold no braces. */
  readonly prefix?: string
}

/**
 * Needs Redis 5 or later, or Valkey, and a user who may run `EVAL`, `GET`, `SET`, `DEL` and `TIME` on the prefix. Every call
 * touches one key, so it works on a cluster as well. Keys vanish by themselves; nothing need be persisted or replicated.
 *
 * @example
 * ```ts
 * const redis = new Redis('redis://localhost:6379') // of the package ioredis
 * const store = redisGateStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args))
 * const gate = new RateGate({ store })
 * ```
 * @throws TypeError when the prefix is empty or holds braces.
 */
export function redisGateStore(evaluate: RedisEval, { prefix = 'rate_gate' }: RedisGateStoreOptions = {}): GateStore {
  if (prefix === '' || /[{}]/.test(prefix)) {
    throw new TypeError('Cannot use this prefix for the gate: it must be a text without braces')
  }
  // EVAL and not EVALSHA: two kilobytes a lease are cheap, and a server that has lost the script is no case of its own.
  const run = async (key: string, ...args: readonly (string | number)[]) =>
    readLease(await evaluate(redisLeaseScript, [`${prefix}:{${key}}`], args.map(String)))
  return {
    lease: (key, request) => run(key, 'lease', randomUUID().slice(0, 8), ...numbersOf(request)),
    hold: async (key, ms) => void (await run(key, 'hold', ms)),
    heldMs: async (key) => (await run(key, 'heldMs')).heldMs,
  }
}

function numbersOf({ want, limit, windowMs, spent = 0, returned = [] }: LeaseRequest): readonly (string | number)[] {
  const leases = returned.flatMap(({ id, agesMs }) => [id, agesMs.length, ...agesMs])
  return [want, limit, windowMs, spent, ...leases]
}

function readLease(reply: unknown): PermitLease {
  const [id, ...counts] = Array.isArray(reply) ? reply.map(String) : []
  const [granted = Number.NaN, waitMs = Number.NaN, heldMs = Number.NaN] = counts.map(Number)
  if (id === undefined || ![granted, waitMs, heldMs].every(Number.isFinite)) {
    throw new TypeError('Cannot lease: the reply is not one of the script')
  }
  return { id, granted, waitMs, heldMs }
}
