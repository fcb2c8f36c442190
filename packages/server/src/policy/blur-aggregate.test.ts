import { loadCatalog } from '@quartermaster/connectors'
import { type Policy, policies } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blurFigures, blurQuestion } from './blur-aggregate.ts'

const asked = (args: Record<string, string | number>, policy: Policy = policies.strip) =>
  blurQuestion({ args: { group_by: 'stage_id', ...args } }, policy)

test('blurQuestion() widens bounds, and leaves everything else and every question of a full role', () => {
  const bounds = { amount_min: 15_999, amount_max: 101, close_date_from: '2026-03-17', close_date_to: '2024-02-03' }
  expect(asked({ ...bounds, stage_id: 's1' }).input.args).toEqual({
    group_by: 'stage_id',
    amount_min: 10_000,
    amount_max: 200,
    close_date_from: '2026-03-01',
    close_date_to: '2024-02-29',
    stage_id: 's1',
  })
  expect(asked(bounds, policies.full)).toMatchObject({ input: { args: bounds }, notes: [], isFiltered: false })
  expect(asked({})).toMatchObject({ notes: [], isFiltered: false })
  expect(asked({ amount_max: 101 }).notes).toEqual([expect.stringContaining('Widened: amount_max 200.')])
  expect(asked({ amount_max: 200 }).notes).toEqual([expect.not.stringContaining('Widened')])
  expect(asked({ amount_min: -150, amount_max: 0 }).input.args).toMatchObject({ amount_min: -200, amount_max: 0 })
  expect(asked({ amount_min: 0.37 }).input.args).toMatchObject({ amount_min: 0.3 })
  // Refused further on, in the words for it.
  expect(asked({ close_date_to: '2026-13-99' }).input.args).toMatchObject({ close_date_to: '2026-13-99' })
})

test('blurQuestion() never narrows, and knows nine bounds in a power of ten', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (bound) => {
      const { amount_min = 0, amount_max = 0 } = asked({ amount_min: bound, amount_max: bound }).input.args
      expect(Number(amount_min)).toBeLessThanOrEqual(bound + Math.abs(bound) * 1e-9)
      expect(Number(amount_max)).toBeGreaterThanOrEqual(bound - Math.abs(bound) * 1e-9)
    }),
  )
  const bounds = Array.from({ length: 900 }, (_, index) => asked({ amount_max: 100 + index }).input.args['amount_max'])
  expect(new Set(bounds).size).toBe(10)
})

test('every number and date that an aggregate of the catalog takes is a bound that is widened', () => {
  const free = [...loadCatalog().values()]
    .flatMap(({ methods }) => methods.filter(({ kind }) => kind === 'aggregate'))
    .flatMap(({ input }) => input.filter(({ type, name }) => type !== 'string' || /date/.test(name)))
  expect(free.length).toBeGreaterThan(4)
  for (const { name, type } of free) {
    const value = type === 'string' ? '2026-03-17' : 123
    expect([name, asked({ [name]: value }).input.args[name]]).not.toEqual([name, value])
  }
})

test('blurFigures() tells counts to five and sums to about five records, and no average', () => {
  const records = [
    { stage_id: 'a', count: 52, amount_sum: 1_234_567, amount_avg: 24_691, amount_count: 50 },
    { is_other: true, count: 7, amount_sum: 210_000, amount_count: 5 },
    { stage_id: 'b', count: 8, amount_sum: 3, amount_avg: 1 },
    { stage_id: 'c', count: 6, amount_sum: 0, amount_avg: 0, amount_count: 6 },
  ]
  expect(blurFigures({ records, coverage: { covered: 73, total: 73, complete: true } })).toEqual({
    records: [
      { stage_id: 'a', count: 50, amount_sum: 1_200_000, amount_count: 50 },
      { is_other: true, count: 5, amount_sum: 200_000, amount_count: 5 },
      { stage_id: 'b', count: 10 },
      { stage_id: 'c', count: 5, amount_sum: 0, amount_count: 6 },
    ],
    coverage: { covered: 75, total: 75, complete: true },
  })
})
