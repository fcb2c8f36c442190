import { expect, test } from 'vitest'
import { stepCost } from './step-cost.ts'

const text = 'a'.repeat(20_000)

test('stepCost() tells the square of a length from the length', async () => {
  // A dash at the end is looked for from every letter.
  expect(await stepCost(() => /a+-/.test(text))).toBeGreaterThan(20)
  expect(await stepCost(() => /[^a]-/.test(text))).toBeLessThan(5)
})
