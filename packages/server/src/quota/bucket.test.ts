/** @module A bucket lends no more than its window admits, whatever many processes do with what they borrow. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Bucket,
  current,
  emptyBucket,
  free,
  giveBack,
  lend,
  opensAt,
  slotEnd,
  type Use,
  type Window,
} from './bucket.ts'

const window = (usable: number, windowMs = 10_000): Window => ({ limit: usable, usable, windowMs })

test('lend() gives a block, smaller as less is free, and nothing when all is out', () => {
  let bucket: Bucket = { ...emptyBucket, blocks: [{ id: 'other', permits: 1, sendUntil: 1, until: 1 }] }
  const sizes: number[] = []
  for (let n = 0; n < 8; n++) {
    const lent = lend(bucket, window(11), { id: `b${n}`, want: 20, now: 0 })
    sizes.push(lent?.block.permits ?? 0)
    bucket = lent?.bucket ?? bucket
  }
  expect(sizes).toEqual([5, 2, 1, 1, 1, 0, 0, 0])
  expect(lend(emptyBucket, window(10), { id: 'alone', want: 20, now: 0 })?.block.permits).toBe(10)
  expect(lend(emptyBucket, window(1_000), { id: 'b', want: 50, now: 0 })?.block.permits).toBe(20)
  expect(lend(emptyBucket, window(1_000), { id: 'b', want: 3, now: 0 })?.block.permits).toBe(3)
})

test('giveBack() returns what was not used; what was used is free one window after its slot', () => {
  const lent = lend(emptyBucket, window(10), { id: 'b', want: 5, now: 0 })
  const bucket = giveBack(lent!.bucket, window(10), 'b', [[slotEnd(150, 10_000), 2]])
  expect(free(bucket, window(10), 200)).toBe(8)
  expect(free(bucket, window(10), 10_199)).toBe(8)
  expect(free(bucket, window(10), 10_200)).toBe(10)
})

test('opensAt() says when one permit is free, also after the limit has shrunk below what was used', () => {
  const used: Use[] = [
    [200, 6],
    [400, 3],
    [600, 1],
  ]
  expect(opensAt({ used, blocks: [] }, window(10), 700)).toBe(10_200)
  expect(opensAt({ used, blocks: [] }, window(4), 700)).toBe(10_400)
  expect(opensAt({ used: [], blocks: [{ id: 'b', permits: 10, sendUntil: 1_250, until: 2_500 }] }, window(10), 0)).toBe(
    2_500,
  )
})

test('a process that dies holds its permits until one window after the end of its block, and no longer', () => {
  const four = window(4)
  const lent = lend(emptyBucket, four, { id: 'dead', want: 2, now: 1_000 })
  const { until, permits } = lent!.block
  expect([until, permits]).toEqual([3_500, 2])
  expect(free(current(lent!.bucket, four, 13_499), four, 13_499)).toBe(2)
  expect(free(current(lent!.bucket, four, 13_600), four, 13_600)).toBe(4)
  // Late news of a block that has been written off changes nothing.
  const written = current(lent!.bucket, four, until)
  expect(giveBack(written, four, 'dead', [])).toBe(written)
})

/** One step of one of several processes. `die` forgets the block without a word. */
const step = fc.record({
  process: fc.integer({ min: 0, max: 3 }),
  wait: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }) }, fc.integer({ min: 0, max: 1_500 })),
  what: fc.constantFrom('use', 'use', 'use', 'use', 'settle', 'die'),
  lagMs: fc.integer({ min: 0, max: 100 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Ways = { readonly lend: typeof lend }

/** Plays the steps and gives the times of all calls. */
function play(steps: readonly Step[], terms: Window, ways: Ways = { lend }): number[] {
  let bucket: Bucket = emptyBucket
  let now = 5_000
  const hands = new Map<number, { id: string; left: number; until: number; uses: Use[] }>()
  const calls: number[] = []
  for (const [index, { process, wait, what, lagMs }] of steps.entries()) {
    now += wait
    bucket = current(bucket, terms, now)
    let hand = hands.get(process)
    if (what === 'die') hands.delete(process)
    if (what === 'settle' || (hand && (hand.left === 0 || now >= hand.until))) {
      if (hand) bucket = giveBack(bucket, terms, hand.id, hand.uses)
      hands.delete(process)
    }
    if (what !== 'use') continue
    hand = hands.get(process)
    if (!hand) {
      const lent = ways.lend(bucket, terms, { id: `b${index}`, want: 7, now })
      if (!lent) continue
      bucket = lent.bucket
      hand = { id: lent.block.id, left: lent.block.permits, until: lent.block.until, uses: [] }
      hands.set(process, hand)
    }
    hand.left -= 1
    hand.uses.push([slotEnd(now + lagMs, terms.windowMs), 1])
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
      expect(most(play(played, window(usable, 1_000)), 1_000)).toBeLessThanOrEqual(usable)
    }),
    { numRuns: 300 },
  )
})

test('the property is not empty: a counter that starts anew every second breaks it', () => {
  let begun = 0
  let lent = 0
  const naive: Ways['lend'] = (bucket, terms, { id, now }) => {
    if (now - begun >= terms.windowMs) [begun, lent] = [now, 0]
    if (lent >= terms.usable) return undefined
    lent += 1
    return { bucket, block: { id, permits: 1, sendUntil: now + 250, until: now + 250 } }
  }
  const result = fc.check(
    fc.property(steps, (played) => {
      begun = lent = 0
      return most(play(played, window(8, 1_000), { lend: naive }), 1_000) <= 8
    }),
    { numRuns: 300 },
  )
  expect(result.failed).toBe(true)
})
