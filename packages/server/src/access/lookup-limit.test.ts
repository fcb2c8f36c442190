/** @module Looking for what is never found. */
import { expect, test } from 'vitest'
import { lookupLimit } from './lookup-limit.ts'

test('lookupLimit() admits a burst of guesses and then a hundred a second', () => {
  let now = 1_000_000
  const limit = lookupLimit(() => now)
  const guesses = (count: number) => Array.from({ length: count }, (_, nth) => limit.admit(`guess ${now} ${nth}`))
  expect(guesses(5_000).filter(Boolean)).toHaveLength(1_000)
  now += 1_000
  expect(guesses(5_000).filter(Boolean)).toHaveLength(100)
})

test('lookupLimit() never refuses what it has found before, and finding costs nothing', () => {
  const limit = lookupLimit(() => 1_000_000)
  for (let nth = 0; nth < 5_000; nth += 1) {
    expect(limit.admit(`good ${nth}`)).toBe(true)
    limit.found(`good ${nth}`)
  }
  for (let nth = 0; nth < 5_000; nth += 1) limit.admit(`guess ${nth}`)
  expect(limit.admit('one more guess')).toBe(false)
  expect(limit.admit('good 0')).toBe(true)
})
