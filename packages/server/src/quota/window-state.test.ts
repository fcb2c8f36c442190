/** @module A window leases no more permits than it admits, whatever many processes do with them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  countedAt,
  emptyWindow,
  expireLeases,
  freePermits,
  leasePermits,
  opensAt,
  returnLease,
  type SlotCount,
  type WindowLimits,
  type WindowState,
} from './window-state.ts'

const limits = (usable: number, windowMs = 10_000): WindowLimits => ({ limit: usable, usable, windowMs })

test('leasePermits() gives a lease, smaller as less is free, and nothing when all is leased', () => {
  let state: WindowState = { ...emptyWindow, leases: [{ id: 'other', permits: 1, sendUntil: 1, until: 1 }] }
  const sizes: number[] = []
  for (let n = 0; n < 8; n++) {
    const leased = leasePermits(state, limits(11), { id: `b${n}`, want: 20, now: 0 })
    sizes.push(leased?.lease.permits ?? 0)
    state = leased?.state ?? state
  }
  expect(sizes).toEqual([5, 2, 1, 1, 1, 0, 0, 0])
  expect(leasePermits(emptyWindow, limits(10), { id: 'alone', want: 20, now: 0 })?.lease.permits).toBe(10)
  expect(leasePermits(emptyWindow, limits(1_000), { id: 'b', want: 3, now: 0 })?.lease.permits).toBe(3)
})

test('returnLease() returns what was not used; what was used is free one window after its slot', () => {
  const leased = leasePermits(emptyWindow, limits(10), { id: 'b', want: 5, now: 0 })
  const state = returnLease(leased!.state, limits(10), 'b', [[countedAt(150, 10_000), 2]])
  expect(freePermits(state, limits(10), 200)).toBe(8)
  expect(freePermits(state, limits(10), 10_199)).toBe(8)
  expect(freePermits(state, limits(10), 10_200)).toBe(10)
})

test('opensAt() says when one permit is free, also after the limit has shrunk below what was used', () => {
  const used: SlotCount[] = [
    [200, 6],
    [400, 3],
    [600, 1],
  ]
  expect(opensAt({ used, leases: [] }, limits(10), 700)).toBe(10_200)
  expect(opensAt({ used, leases: [] }, limits(4), 700)).toBe(10_400)
  expect(opensAt({ used: [], leases: [{ id: 'b', permits: 10, sendUntil: 1_250, until: 2_500 }] }, limits(10), 0)).toBe(
    2_500,
  )
})

test('a process that dies holds its permits until one window after the end of its lease, and no longer', () => {
  const four = limits(4)
  const leased = leasePermits(emptyWindow, four, { id: 'dead', want: 2, now: 1_000 })
  const { until, permits } = leased!.lease
  expect([until, permits]).toEqual([3_500, 2])
  expect(freePermits(expireLeases(leased!.state, four, 13_499), four, 13_499)).toBe(2)
  expect(freePermits(expireLeases(leased!.state, four, 13_600), four, 13_600)).toBe(4)
  // A late report of a lease that has been written off changes nothing.
  const written = expireLeases(leased!.state, four, until)
  expect(returnLease(written, four, 'dead', [])).toBe(written)
})

/** One step of one of several processes. `die` forgets the lease without a report. */
const step = fc.record({
  process: fc.integer({ min: 0, max: 3 }),
  wait: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }) }, fc.integer({ min: 0, max: 1_500 })),
  what: fc.constantFrom('use', 'use', 'use', 'use', 'settle', 'die'),
  lagMs: fc.integer({ min: 0, max: 100 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Ways = { readonly leasePermits: typeof leasePermits }

/** Plays the steps and gives the times of all calls. */
function play(steps: readonly Step[], terms: WindowLimits, ways: Ways = { leasePermits }): number[] {
  let state: WindowState = emptyWindow
  let now = 5_000
  const holders = new Map<number, { id: string; left: number; until: number; calls: SlotCount[] }>()
  const calls: number[] = []
  for (const [index, { process, wait, what, lagMs }] of steps.entries()) {
    now += wait
    state = expireLeases(state, terms, now)
    let held = holders.get(process)
    if (what === 'die') holders.delete(process)
    if (what === 'settle' || (held && (held.left === 0 || now >= held.until))) {
      if (held) state = returnLease(state, terms, held.id, held.calls)
      holders.delete(process)
    }
    if (what !== 'use') continue
    held = holders.get(process)
    if (!held) {
      const leased = ways.leasePermits(state, terms, { id: `b${index}`, want: 7, now })
      if (!leased) continue
      state = leased.state
      held = { id: leased.lease.id, left: leased.lease.permits, until: leased.lease.until, calls: [] }
      holders.set(process, held)
    }
    held.left -= 1
    held.calls.push([countedAt(now + lagMs, terms.windowMs), 1])
    calls.push(now)
  }
  return calls
}

function most(calls: readonly number[], windowMs: number): number {
  return Math.max(0, ...calls.map((end) => calls.filter((at) => at <= end && at > end - windowMs).length))
}

const steps = fc.array(step, { minLength: 50, maxLength: 250 })

test('no span of a window holds more calls than its limit, over any interleaving of processes, deaths included', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 40 }), (played, usable) => {
      expect(most(play(played, limits(usable, 1_000)), 1_000)).toBeLessThanOrEqual(usable)
    }),
    { numRuns: 300 },
  )
})

test('the property is not empty: a counter that starts anew every second breaks it', () => {
  let begun = 0
  let leased = 0
  const naive: Ways['leasePermits'] = (state, terms, { id, now }) => {
    if (now - begun >= terms.windowMs) [begun, leased] = [now, 0]
    if (leased >= terms.usable) return undefined
    leased += 1
    return { state, lease: { id, permits: 1, sendUntil: now + 250, until: now + 250 } }
  }
  const result = fc.check(
    fc.property(steps, (played) => {
      begun = leased = 0
      return most(play(played, limits(8, 1_000), { leasePermits: naive }), 1_000) <= 8
    }),
    { numRuns: 300 },
  )
  expect(result.failed).toBe(true)
})
