import { expect, test } from 'vitest'
import { isTooDeep } from './is-too-deep.ts'

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

test('isTooDeep() lets 64 levels through and no more', () => {
  expect([lists(64), objects(64)].map(isTooDeep)).toEqual([false, false])
  expect([lists(65), objects(65), lists(500_000)].map(isTooDeep)).toEqual([true, true, true])
})

test('isTooDeep() counts what is open at once, and nothing inside texts', () => {
  const wide = `[${Array.from({ length: 1_000 }, () => '[{}]').join()}]`
  expect(isTooDeep(wide)).toBe(false)
  expect(isTooDeep(JSON.stringify(['['.repeat(100), `\\"${'{'.repeat(100)}`, '\\']))).toBe(false)
  expect(isTooDeep(`["\\"",${lists(64)}]`)).toBe(true)
})
