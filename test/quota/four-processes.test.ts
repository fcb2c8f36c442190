/** @module Agents of four processes share what one account's window admits, and the vendor refuses next to none of them. */
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { runFleet } from './fleet.ts'

/** All clocks stand still, so that one window is all there is; how fast it is used is measured by bench/quota.ts. */
const load = { processes: 4, callers: 25, scale: 0, forMs: 1, callsEach: 4 }
const CALLS = load.processes * load.callers * load.callsEach

async function proved(databaseUrl?: string): Promise<void> {
  const shared = await runFleet({ ...load, databaseUrl, share: 1 })
  const naive = await runFleet({ ...load, share: null })
  const facts = { ok: shared.ok.length, budget: shared.refusedByBudget, vendor: shared.vendor429s, limit: shared.limit }
  console.log(JSON.stringify(facts))
  expect([shared.failed, naive.failed]).toEqual([[], []])
  expect(CALLS).toBeGreaterThan(2 * shared.limit)
  expect(shared.vendor429s).toBeLessThanOrEqual(10)
  // Every call was made or refused before it was sent, and the window was put to use.
  expect(shared.ok.length + shared.refusedByBudget + shared.vendor429s).toBe(CALLS)
  expect(shared.ok.length).toBeGreaterThanOrEqual(shared.limit / 2)
  // The same callers without the budget: what it is for.
  expect([naive.ok.length, naive.vendor429s]).toEqual([naive.limit, CALLS - naive.limit])
}

test('4 processes x 25 callers on one SQLite store meet at most 10 refusals of the vendor', () => proved())

test.skipIf(testDatabaseServer === undefined)(
  '4 processes x 25 callers on one PostgreSQL store meet at most 10 refusals of the vendor',
  async () => {
    const database = await createTestDatabase()
    try {
      await proved(database.url)
    } finally {
      await database.drop()
    }
  },
)
