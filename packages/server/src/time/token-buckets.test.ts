/** @module A bucket for each key. */
import { expect, test } from 'vitest'
import { tokenBuckets } from './token-buckets.ts'

/** How many of `tries` are admitted at `at`. */
function admitted(buckets: ReturnType<typeof tokenBuckets>, key: string, tries: number, at: number): number {
  let count = 0
  for (let nth = 0; nth < tries; nth += 1) {
    if (buckets.waitMs(key, at) > 0) continue
    buckets.take(key, at)
    count += 1
  }
  return count
}

test('tokenBuckets() admits a burst, then the rate, and each key has its own', () => {
  const buckets = tokenBuckets({ ratePerS: 10, burst: 5 })
  expect(admitted(buckets, 'a', 20, 1_000)).toBe(5)
  expect(buckets.waitMs('a', 1_000)).toBe(100)
  expect(admitted(buckets, 'b', 3, 1_000)).toBe(3)
  expect(admitted(buckets, 'a', 20, 1_300)).toBe(3)
  expect(admitted(buckets, 'a', 20, 61_300)).toBe(5)
})

test('tokenBuckets() has a token again that was given back', () => {
  const buckets = tokenBuckets({ ratePerS: 10, burst: 2 })
  expect(admitted(buckets, 'a', 2, 0)).toBe(2)
  buckets.refund('a')
  buckets.refund('unknown')
  expect([admitted(buckets, 'a', 2, 0), admitted(buckets, 'unknown', 9, 0)]).toEqual([1, 2])
})

test('tokenBuckets() remembers 10,000 buckets, and of more the ones that were used last', () => {
  const buckets = tokenBuckets({ ratePerS: 1, burst: 1 })
  buckets.take('first', 0)
  for (let nth = 0; nth < 9_999; nth += 1) buckets.take(`key ${nth}`, 0)
  expect(buckets.waitMs('first', 0)).toBe(1_000)
  buckets.take('one more', 0)
  expect([buckets.waitMs('first', 0), buckets.waitMs('key 0', 0)]).toEqual([1_000, 0])
})
