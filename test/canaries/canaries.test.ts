import { expect, test } from 'vitest'
import { hunt } from './hunt.ts'
import { scannerFinds, shortcomings } from './run.ts'

test('the scanner finds every form of every canary, and nothing in a text without one', () => {
  const { forms, found } = scannerFinds(1)
  expect(forms).toBeGreaterThan(3_000)
  expect(found).toBe(forms)
})

test('no canary reaches a role, a failure, a log line, the audit or the store that may not have it', async () => {
  const hunted = await hunt({ seed: 1, pages: 1, allTransports: false, quick: true })
  expect(shortcomings(hunted)).toEqual([])
  expect(hunted.planted).toBeGreaterThan(500)
  expect(hunted.calls).toBeGreaterThan(1_000)
})
