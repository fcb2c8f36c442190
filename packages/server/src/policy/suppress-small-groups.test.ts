import { policies } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leastGroup, suppressSmallGroups } from './suppress-small-groups.ts'

const answerOf = (counts: readonly number[]) => ({
  records: counts.map((count, index) => ({ owner_id: `u${index}`, count, amount_sum: count * 10, amount_avg: 10 })),
  coverage: {
    covered: counts.reduce((sum, count) => sum + count, 0),
    total: counts.reduce((sum, count) => sum + count, 0),
    complete: true,
  },
})

test('leastGroup() is one only for who sees everything', () => {
  expect(leastGroup(policies.full)).toBe(1)
  expect(leastGroup(policies.mask)).toBe(5)
  expect(leastGroup(policies.strip)).toBe(5)
})

test('suppressSmallGroups() leaves a full role every group, in the order it came', () => {
  const answer = answerOf([1, 7, 2])
  expect(suppressSmallGroups(answer, policies.full)).toBe(answer)
})

test('suppressSmallGroups() merges small groups, and one more when they are too few together', () => {
  expect(suppressSmallGroups(answerOf([9, 3, 8, 4]), policies.strip).records).toEqual([
    { owner_id: 'u0', count: 9, amount_sum: 90, amount_avg: 10 },
    { owner_id: 'u2', count: 8, amount_sum: 80, amount_avg: 10 },
    { is_other: true, count: 7, amount_sum: 70 },
  ])
  expect(suppressSmallGroups(answerOf([9, 1, 8]), policies.mask).records).toEqual([
    { owner_id: 'u0', count: 9, amount_sum: 90, amount_avg: 10 },
    { is_other: true, count: 9, amount_sum: 90 },
  ])
})

test('suppressSmallGroups() tells no number at all of fewer than five records', () => {
  const told = suppressSmallGroups(answerOf([3, 1]), policies.strip)
  expect(told).toEqual({ records: [], notes: [expect.stringContaining('Fewer than 5 records')] })
  expect(JSON.stringify(told)).not.toMatch(/covered|total|[0-46-9]/)
})

test('suppressSmallGroups() shows no group below five and loses no record, whatever the groups', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 }), (counts) => {
      const answer = answerOf(counts)
      const all = answer.coverage.total
      const shown = suppressSmallGroups(answer, policies.strip).records.map((group) => Number(group['count']))
      expect(shown.every((count) => count >= 5)).toBe(true)
      expect(shown.reduce((sum, count) => sum + count, 0)).toBe(all < 5 ? 0 : all)
    }),
  )
})
