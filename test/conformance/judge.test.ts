/** @module The verdict over conformance reports. */
import { expect, test } from 'vitest'
import { applicability } from './applicable.ts'
import { judge } from './judge.ts'

const applicable = { applies: ['a'], doesNotApply: { 'needs prompts': ['p'] }, expectedFailures: ['a-2'] }
const report = (...checks: [string, string][]) =>
  new Map([['a', checks.map(([id, status]) => ({ id, status, errorMessage: 'why' }))]])

test('judge() passes what passed and failed as expected', () => {
  expect(judge(report(['a-1', 'SUCCESS'], ['a-2', 'FAILURE'], ['a-3', 'SKIPPED']), applicable)).toEqual({
    scenarios: 1,
    passed: 1,
    faults: [],
  })
})

test('judge() faults failures, warnings, stale expectations, empty and unknown scenarios', () => {
  expect(judge(report(['a-1', 'SUCCESS'], ['a-3', 'WARNING'], ['a-2', 'SUCCESS']), applicable).faults).toEqual([
    'a: a-3 WARNING: why',
    'a: a-2 was expected to fail and passed',
  ])
  expect(judge(new Map([['b', []]]), applicable).faults).toEqual([
    'b: nobody has decided whether it applies',
    'a: nothing was checked',
  ])
})

test('applicability decides about each scenario once', () => {
  for (const { applies, doesNotApply } of Object.values(applicability)) {
    const all = [...applies, ...Object.values(doesNotApply).flat()]
    expect(new Set(all).size).toBe(all.length)
  }
})
