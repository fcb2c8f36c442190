import { randomBytes } from 'node:crypto'
import { NO_REDIS, testRedisServer } from '@quartermaster/testing'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { gateStoreContract } from '../../test/gate-store-contract.ts'
import type { LeaseRequest, ReturnedLease } from './gate-store.ts'
import { emptyLeaseState, holdQuota, type LeaseState, leasePermits, MAX_ENTRIES } from './lease-state.ts'
import { type RedisEval, redisGateStore } from './redis-gate-store.ts'

test('redisGateStore() refuses a prefix that would move its keys on a cluster', () => {
  const evaluate = async () => []
  for (const prefix of ['', 'a{b', '}'])
    expect(() => redisGateStore(evaluate, { prefix })).toThrow('Cannot use this prefix')
})

test.each([[undefined], ['OK'], [['id']], [['', '0', 'soon', '0']]])(
  'a reply that is not one, %j, is a fault and no permit',
  async (reply) => {
    const store = redisGateStore(async () => reply)
    await expect(store.lease('k', { want: 1, limit: 1, windowMs: 1 })).rejects.toThrow('Cannot lease')
  },
)

type Step =
  | { readonly kind: 'lease'; readonly ask: LeaseRequest; readonly report: readonly (readonly number[])[] }
  | { readonly kind: 'hold'; readonly ms: number }
  | { readonly kind: 'pass'; readonly ms: number }

const windowMs = fc.constantFrom(1, 40, 1000, 12_345, 300_000)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('lease' as const),
      ask: fc.record(
        {
          want: fc.integer({ min: 0, max: 16 }),
          limit: fc.integer({ min: 0, max: 2000 }),
          windowMs,
          spent: fc.integer({ min: 0, max: 20 }),
        },
        { requiredKeys: ['want', 'limit', 'windowMs'] },
      ),
      report: fc.array(fc.array(fc.integer({ min: -50, max: 20_000 }), { maxLength: 20 }), { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('hold' as const), ms: fc.integer({ min: -5, max: 300_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 30_000 }) }) },
)

describe.skipIf(testRedisServer === undefined)(`on a real Redis${testRedisServer ? '' : `: ${NO_REDIS}`}`, () => {
  const redis = new Redis(testRedisServer ?? '', { lazyConnect: true })
  const evaluate: RedisEval = (script, keys, args) => redis.eval(script, keys.length, ...keys, ...args)
  let prefix = ''
  beforeEach(() => {
    prefix = randomBytes(6).toString('hex')
  })
  afterAll(() => redis.disconnect())

  test('redisGateStore() grants no more than the window holds, frees what was not used, and keeps the longest hold', async () => {
    await gateStoreContract(() => redisGateStore(evaluate, { prefix }))
  })

  /** The same script with the server's clock stopped. */
  const at = (now: () => number): RedisEval => {
    return (script, keys, args) => {
      const ms = now()
      const stopped = script.replace("redis.call('TIME')", `{ '${Math.floor(ms / 1000)}', '${(ms % 1000) * 1000}' }`)
      expect(stopped).not.toBe(script)
      return evaluate(stopped, keys, args)
    }
  }

  async function agree(steps: readonly Step[], key: string): Promise<LeaseState> {
    let now = 1_800_000_000_000
    let state: LeaseState = emptyLeaseState
    let open: string[] = []
    const store = redisGateStore(
      at(() => now),
      { prefix },
    )
    for (const each of steps) {
      if (each.kind === 'pass') now += each.ms
      else if (each.kind === 'hold') {
        state = holdQuota(state, each.ms, now)
        await store.hold(key, each.ms)
      } else {
        const returned: ReturnedLease[] = open
          .slice(0, each.report.length)
          .map((id, nth) => ({ id, agesMs: each.report[nth] ?? [] }))
        open = open.slice(returned.length)
        const ask = { ...each.ask, returned }
        const lease = await store.lease(key, ask)
        const expected = leasePermits(state, ask, { now, id: lease.id })
        expect(lease).toEqual(expected.lease)
        state = expected.state
        if (lease.granted > 0) open.push(lease.id)
      }
      expect(await store.heldMs(key)).toBe(Math.max(0, state.heldUntil - now))
    }
    const kept = await redis.get(`${prefix}:{${key}}`)
    const blocks = (kept ?? '')
      .split(';')
      .slice(1)
      .map((entry) => entry.split(','))
    if (kept !== null) {
      // A lease that has expired says nothing; it is gone where the key was, and stays where nobody has asked since.
      expect(blocks.filter(([, , freeAt]) => Number(freeAt) > now)).toEqual(
        state.blocks
          .filter(([, , freeAt]) => freeAt > now)
          .map(([id, units, freeAt, reported]) => [id, String(units), String(freeAt), reported ? '1' : '0']),
      )
    }
    return state
  }

  test('the script answers as the arithmetic of the other stores does, whatever happens and whenever', async () => {
    let nth = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        nth += 1
        await agree(steps, `history ${nth}`)
      }),
      { numRuns: 100 },
    )
  })

  test('a list of leases that has become too long is merged as there', async () => {
    const many = Array.from({ length: MAX_ENTRIES + 150 }, (_, nth): Step[] => [
      {
        kind: 'lease',
        ask: { want: 2, limit: 5000, windowMs: nth % 3 === 0 ? 300_000 : 12_345 },
        report: nth % 5 === 0 ? [[nth]] : [],
      },
      { kind: 'pass', ms: nth % 2 },
    ])
    const state = await agree(many.flat(), 'long')
    expect(state.blocks).toHaveLength(MAX_ENTRIES)
  })

  test('keys go by themselves, soon after they say nothing more', async () => {
    const store = redisGateStore(evaluate, { prefix })
    await store.lease('k', { want: 1, limit: 5, windowMs: 3000 })
    await store.hold('held', 40_000)
    const [key = '', ...others] = (await redis.keys(`${prefix}:*`)).sort()
    expect([key, ...others]).toEqual([`${prefix}:{held}`, `${prefix}:{k}`])
    expect(await redis.pttl(key)).toBeGreaterThan(40_000)
    expect(await redis.pttl(key)).toBeLessThanOrEqual(50_000)
    const lease = await redis.pttl(`${prefix}:{k}`)
    expect(lease).toBeGreaterThan(13_000)
    expect(lease).toBeLessThanOrEqual(23_000)
    await store.hold('nothing', 0)
    expect(await redis.exists(`${prefix}:{nothing}`)).toBe(0)
  })

  test('what somebody else wrote there is as good as empty, and another kind of value a fault', async () => {
    const store = redisGateStore(evaluate, { prefix })
    await redis.set(`${prefix}:{k}`, 'soon;a,b,c,1;,,,0;;x,1e999,nan,1')
    expect(await store.lease('k', { want: 2, limit: 5, windowMs: 60_000 })).toMatchObject({ granted: 2, heldMs: 0 })
    await redis.lpush(`${prefix}:{list}`, 'x')
    await expect(store.heldMs('list')).rejects.toThrow('WRONGTYPE')
  })

  test('a server that has forgotten everything, its scripts too, starts anew', async () => {
    const store = redisGateStore(evaluate, { prefix })
    await store.lease('k', { want: 5, limit: 5, windowMs: 60_000 })
    await redis.script('FLUSH')
    await redis.del(`${prefix}:{k}`)
    expect((await store.lease('k', { want: 5, limit: 5, windowMs: 60_000 })).granted).toBe(5)
  })
})
