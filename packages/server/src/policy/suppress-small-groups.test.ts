import { policies } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leastGroup, suppressSmallGroups, withoutValueCounts } from './suppress-small-groups.ts'

/** Groups of so many records, of which so many have an amount. */
const answerOf = (counts: readonly number[], amounts = counts) => ({
  records: counts.map((count, index) => {
    const amount_count = amounts[index] ?? 0
    const measures = amount_count > 0 ? { amount_sum: amount_count * 10, amount_avg: 10, amount_count } : {}
    return { owner_id: `u${index}`, count, ...measures }
  }),
  coverage: {
    covered: counts.reduce((sum, count) => sum + count, 0),
    total: counts.reduce((sum, count) => sum + count, 0),
    complete: true,
  },
})
const shown = (counts: readonly number[], amounts?: readonly number[]) =>
  withoutValueCounts(suppressSmallGroups(answerOf(counts, amounts), policies.strip)).records

test('leastGroup() is one only for who sees everything', () => {
  expect(leastGroup(policies.full)).toBe(1)
  expect(leastGroup(policies.mask)).toBe(5)
  expect(leastGroup(policies.strip)).toBe(5)
})

test('suppressSmallGroups() leaves a full role every group, in the order it came', () => {
  const answer = answerOf([1, 7, 2], [1, 1, 0])
  expect(suppressSmallGroups(answer, policies.full)).toBe(answer)
})

test('suppressSmallGroups() merges small groups, and one more when they are too few together', () => {
  expect(shown([9, 3, 8, 4])).toEqual([
    { owner_id: 'u0', count: 9, amount_sum: 90, amount_avg: 10 },
    { owner_id: 'u2', count: 8, amount_sum: 80, amount_avg: 10 },
    { is_other: true, count: 7, amount_sum: 70 },
  ])
  expect(shown([9, 1, 8])).toEqual([
    { owner_id: 'u0', count: 9, amount_sum: 90, amount_avg: 10 },
    { is_other: true, count: 9, amount_sum: 90 },
  ])
})

test('suppressSmallGroups() tells no measure over fewer than five values', () => {
  // Six deals of which one has an amount: the sum and the average are that deal's.
  expect(shown([6], [1])).toEqual([{ owner_id: 'u0', count: 6 }])
  expect(shown([6], [5])).toEqual([{ owner_id: 'u0', count: 6, amount_sum: 50, amount_avg: 10 }])
  // Small groups together: their amounts together are as few.
  expect(shown([20, 3, 4], [20, 1, 3])).toEqual([
    { owner_id: 'u0', count: 20 },
    { is_other: true, count: 7 },
  ])
})

test('suppressSmallGroups() withholds one more sum when the total of another question would tell a thin one', () => {
  expect(shown([20, 9, 6], [20, 9, 1])).toEqual([
    { owner_id: 'u0', count: 20, amount_sum: 200, amount_avg: 10 },
    { owner_id: 'u1', count: 9 },
    { owner_id: 'u2', count: 6 },
  ])
})

test('suppressSmallGroups() withholds a measure of which nobody counted the values', () => {
  const answer = { records: [{ count: 9, amount_max: 7, size_sum: 1, amount_sum: 9, amount_count: 9 }] }
  expect(suppressSmallGroups(answer, policies.mask).records).toEqual([
    { count: 9, amount_max: 7, amount_sum: 9, amount_count: 9 },
  ])
})

test('suppressSmallGroups() tells no number at all of fewer than five records, and of none the same', () => {
  const told = suppressSmallGroups(answerOf([3, 1]), policies.strip)
  expect(told).toEqual({ records: [], notes: [expect.stringContaining('Fewer than 5 records')] })
  expect(JSON.stringify(told)).not.toMatch(/covered|total|[0-46-9]/)
  expect(JSON.stringify(suppressSmallGroups(answerOf([]), policies.strip))).toBe(JSON.stringify(told))
  expect(suppressSmallGroups(answerOf([]), policies.full)).toMatchObject({ coverage: { covered: 0 } })
})

test('suppressSmallGroups() shows no group and no measure below five and loses no record, whatever the groups', () => {
  const group = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat({ max: 30 }))
  fc.assert(
    fc.property(fc.array(group, { maxLength: 12 }), (groups) => {
      const counts = groups.map(([count]) => count)
      const amounts = groups.map(([count, amount]) => Math.min(count, amount))
      const { records } = suppressSmallGroups(answerOf(counts, amounts), policies.strip)
      const all = counts.reduce((sum, count) => sum + count, 0)
      const told = records.map((one) => Number(one['count']))
      expect(told.every((count) => count >= 5)).toBe(true)
      expect(told.reduce((sum, count) => sum + count, 0)).toBe(all < 5 ? 0 : all)
      const sums = records.flatMap((one) => ('amount_sum' in one ? [Number(one['amount_sum']) / 10] : []))
      expect(sums.every((values) => values >= 5)).toBe(true)
      // What the total would tell of the groups that are withheld is over five as well.
      const left = records.length > 0 ? amounts.reduce((sum, n) => sum + n, 0) - sums.reduce((sum, n) => sum + n, 0) : 0
      expect(left === 0 || left >= 5 || sums.length === 0).toBe(true)
    }),
  )
})
