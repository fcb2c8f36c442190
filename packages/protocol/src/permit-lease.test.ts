/** @module Processes that lease by these rules never send more than the window admits, whatever becomes of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canSend,
  isReturnable,
  type LeaseTerms,
  leaseTimes,
  nextDemand,
  permitsToGrant,
  permitsToRequest,
  slotEnd,
} from './permit-lease.ts'

const WINDOW_MS = 1_000
const LIFETIME_MS = 250
const SLOT_MS = 20

/** One step of one of several processes. `die` forgets its lease without returning it. */
const step = fc.record({
  process: fc.nat(3),
  wait: fc.oneof({ weight: 3, arbitrary: fc.nat(60) }, fc.nat(1_500)),
  what: fc.constantFrom('send', 'send', 'send', 'send', 'give back', 'die'),
  waiting: fc.nat(30),
  lagMs: fc.nat(100),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const steps = fc.array(step, { minLength: 50, maxLength: 250 })

interface Rules {
  readonly grant: typeof permitsToGrant
  readonly countAt: typeof slotEnd
}

/** The smallest store that follows the rules. Gives the moments at which calls were sent. */
function play(played: readonly Step[], limit: number, terms: LeaseTerms, shared: boolean, rules: Rules): number[] {
  let now = 5_000
  let counts: { readonly at: number; readonly units: number }[] = []
  const leases = new Map<number, { readonly permits: number; readonly until: number }>()
  const held = new Map<number, ReturnType<typeof lease>>()
  const sent: number[] = []
  const lease = (id: number, permits: number) => {
    const times = leaseTimes(now, LIFETIME_MS)
    leases.set(id, { permits, until: times.until })
    return { id, permits, left: permits, inFlight: 0, sendUntil: times.sendUntil, demand: 1, calls: [] as number[] }
  }
  for (const [id, { process, wait, what, waiting, lagMs }] of played.entries()) {
    now += wait
    for (const [each, { permits, until }] of leases) {
      if (until > now) continue
      counts.push({ at: rules.countAt(until, SLOT_MS), units: permits })
      leases.delete(each)
    }
    counts = counts.filter(({ at }) => at + WINDOW_MS > now)
    const own = held.get(process)
    if (own && (what === 'die' || isReturnable(own, now, what !== 'give back'))) {
      held.delete(process)
      if (what !== 'die' && leases.delete(own.id)) counts.push(...own.calls.map((at) => ({ at, units: 1 })))
    }
    if (what !== 'send') continue
    if (!held.has(process)) {
      const counted = counts.reduce((sum, { units }) => sum + units, 0)
      const leased = [...leases.values()].reduce((sum, { permits }) => sum + permits, 0)
      const demand = own ? nextDemand(own, now, { demand: own.demand, maxPermits: terms.maxPermits }) : 1
      const want = permitsToRequest({ demand, waiting, limit }, terms)
      const permits = rules.grant(want, { free: limit - counted - leased, shared: shared && leases.size > 0 })
      if (permits > 0) held.set(process, { ...lease(id, permits), demand })
    }
    const using = held.get(process)
    if (!using || !canSend(using, now)) continue
    using.left -= 1
    using.calls.push(rules.countAt(now + lagMs, SLOT_MS))
    sent.push(now)
  }
  return sent
}

function busiestWindow(sent: readonly number[]): number {
  return Math.max(0, ...sent.map((end) => sent.filter((at) => at <= end && at > end - WINDOW_MS).length))
}

const rules: Rules = { grant: permitsToGrant, countAt: slotEnd }
const terms = fc.record({ maxPermits: fc.integer({ min: 1, max: 30 }), limitParts: fc.constantFrom(1, 7, 40) })

test('no span of a window holds more calls than its limit, whoever asks, returns, or dies', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 40 }), terms, fc.boolean(), (played, limit, of, shared) => {
      expect(busiestWindow(play(played, limit, of, shared, rules))).toBeLessThanOrEqual(limit)
    }),
    { numRuns: 300 },
  )
})

test.each<[string, Rules]>([
  [
    'grants one more than is free',
    { ...rules, grant: (want, window) => permitsToGrant(want, { free: window.free + 1 }) },
  ],
  [
    'counts calls at the beginning of their slot',
    { ...rules, countAt: (at, slotMs) => slotEnd(at, slotMs) - 10 * slotMs },
  ],
])('the property is not empty: a store that %s breaks it', (_, broken) => {
  const result = fc.check(
    fc.property(steps, (played) => {
      return busiestWindow(play(played, 8, { maxPermits: 20, limitParts: 1 }, true, broken)) <= 8
    }),
    { numRuns: 300 },
  )
  expect(result.failed).toBe(true)
})

test('permitsToRequest() asks for the need, at least one, and never for more than the terms allow', () => {
  const server = { maxPermits: 20, limitParts: 1 }
  const gate = { maxPermits: 16, limitParts: 40 }
  expect(permitsToRequest({ waiting: 0, limit: 100 }, server)).toBe(1)
  expect(permitsToRequest({ waiting: 3, demand: 7, limit: 100 }, server)).toBe(7)
  expect(permitsToRequest({ waiting: 50, limit: 1_000 }, server)).toBe(20)
  expect(permitsToRequest({ waiting: 50, limit: 100 }, gate)).toBe(3)
  expect(permitsToRequest({ waiting: 50, limit: 1_000 }, gate)).toBe(16)
})

test('permitsToGrant() grants what is free, half of it while it is shared, and nothing when nothing is free', () => {
  expect([20, 3, 0].map((want) => permitsToGrant(want, { free: 11 }))).toEqual([11, 3, 0])
  expect([11, 6, 1, 0, -4].map((free) => permitsToGrant(20, { free, shared: true }))).toEqual([5, 3, 1, 0, 0])
})

test('a lease is sent on in the first half of its life, and returned when nothing of it can be used or is wanted', () => {
  expect(leaseTimes(1_000, 2_501)).toEqual({ sendUntil: 2_250, until: 3_501 })
  const held = { left: 1, inFlight: 0, sendUntil: 500 }
  expect([canSend(held, 499), canSend(held, 500), canSend({ ...held, left: 0 }, 0)]).toEqual([true, false, false])
  expect([isReturnable(held, 0, true), isReturnable(held, 0, false), isReturnable(held, 500, true)]).toEqual([
    false,
    true,
    true,
  ])
  expect(isReturnable({ left: 0, inFlight: 1, sendUntil: 0 }, 900, false)).toBe(false)
})

test('nextDemand() doubles when a lease was used up early, up to its bound, and falls to what was used', () => {
  const of = { demand: 3, maxPermits: 20 }
  expect(nextDemand({ permits: 8, left: 0, sendUntil: 500 }, 100, of)).toBe(16)
  expect(nextDemand({ permits: 15, left: 0, sendUntil: 500 }, 100, of)).toBe(20)
  expect(nextDemand({ permits: 8, left: 5, sendUntil: 500 }, 500, of)).toBe(3)
  expect(nextDemand({ permits: 8, left: 8, sendUntil: 500 }, 500, of)).toBe(1)
})
