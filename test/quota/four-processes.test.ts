/** @module Agents of four processes use one account as fast as its window admits, and the vendor refuses next to none. */
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { runFleet } from './fleet.ts'

const load = { processes: 4, callers: 25, scale: 2 }
const FOR_MS = 28_000
const NAIVE_MS = 28_000

/** Starting eight processes takes its time on a busy machine. */
const TIMEOUT_MS = 180_000

async function proved(store: string, databaseUrl?: string): Promise<void> {
  const shared = await runFleet({ ...load, databaseUrl, share: 1, forMs: FOR_MS })
  const naive = await runFleet({ ...load, share: null, forMs: NAIVE_MS })
  const admitted = shared.limit * Math.ceil(FOR_MS / shared.windowMs)
  const facts = {
    store,
    vendor_429s: shared.vendor429s,
    calls: shared.ok.length,
    window_admits: admitted,
    refused_by_budget: shared.refusedByBudget,
    control: { vendor_429s: naive.vendor429s, calls: naive.ok.length, seconds: NAIVE_MS / 1_000 },
  }
  console.log(JSON.stringify(facts))
  expect([shared.failed, naive.failed]).toEqual([[], []])
  expect(shared.vendor429s).toBeLessThanOrEqual(10)
  // Time runs twice as fast here, and so every millisecond that a busy machine takes counts twice, with and
  // without a budget. Against the window itself, bench/quota.ts --fleet measures in real time, and asks for 95 %.
  expect(shared.ok.length / FOR_MS).toBeGreaterThanOrEqual((0.8 * naive.ok.length) / NAIVE_MS)
  // The same callers without the budget: what it is for.
  expect(naive.vendor429s).toBeGreaterThanOrEqual(100)
}

test(
  '4 processes x 25 callers on one SQLite store meet at most 10 refusals of the vendor',
  () => proved('sqlite'),
  TIMEOUT_MS,
)

test.skipIf(testDatabaseServer === undefined)(
  '4 processes x 25 callers on one PostgreSQL store meet at most 10 refusals of the vendor',
  async () => {
    const database = await createTestDatabase()
    try {
      await proved('postgres', database.url)
    } finally {
      await database.drop()
    }
  },
  TIMEOUT_MS,
)
