import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  createTestDatabase,
  NO_REDIS,
  settle,
  TestClock,
  testDatabaseServer,
  testRedisServer,
  until,
} from '@quartermaster/testing'
import pg from 'pg'
import { expect, test } from 'vitest'
import { gateStoreContract } from '../../test/gate-store-contract.ts'
import { RateGate } from '../rate-gate.ts'
import type { GateEvent } from './gate-event.ts'
import type { GateStore } from './gate-store.ts'
import { sqlGateStore } from './sql-gate-store.ts'
import { type SqliteGateStore, sqliteGateStore } from './sqlite-gate-store.ts'

const LIMIT = 101
const PROCESSES = 4

/** What each of four processes was granted of one window that they share through `store`. */
async function leaseInProcesses(store: string): Promise<readonly number[]> {
  const file = new URL('../../test/lease-permits.ts', import.meta.url).pathname
  const children = Array.from({ length: PROCESSES }, () => {
    const args = ['--conditions=quartermaster-source', file, store, String(LIMIT)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
  })
  for (const { lines } of children) await lines.next()
  for (const { child } of children) child.stdin.write('go\n')
  return Promise.all(children.map(async ({ lines }) => Number((await lines.next()).value)))
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

const stores: [string, string | undefined, () => Promise<{ where: string; drop: () => Promise<void> }>][] = [
  [
    'SQLite',
    undefined,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'qm-gate-'))
      return { where: join(folder, 'gate.db'), drop: async () => rmSync(folder, { recursive: true }) }
    },
  ],
  [
    'PostgreSQL',
    testDatabaseServer === undefined ? 'QUARTERMASTER_TEST_DATABASE_URL is not set' : undefined,
    async () => {
      const database = await createTestDatabase()
      return { where: database.url, drop: database.drop }
    },
  ],
  [
    'Redis',
    testRedisServer === undefined ? NO_REDIS : undefined,
    async () => {
      const url = new URL(testRedisServer ?? '')
      url.hash = randomBytes(6).toString('hex')
      return { where: url.href, drop: async () => undefined }
    },
  ],
]

for (const [name, missing, make] of stores) {
  test(`four processes that share one window through ${name} are granted what it holds, to the last permit`, async ({
    skip,
  }) => {
    skip(missing !== undefined, missing)
    const { where, drop } = await make()
    expect(sum(await leaseInProcesses(where))).toBe(LIMIT)
    await drop()
  })
}

test('four processes that share nothing are granted four windows: the control', async () => {
  expect(await leaseInProcesses(':memory:')).toEqual([LIMIT, LIMIT, LIMIT, LIMIT])
})

test('sqliteGateStore() grants no more than the window holds, frees what was not used, and keeps the longest hold', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qm-gate-'))
  const opened: SqliteGateStore[] = []
  await gateStoreContract(() => {
    const store = sqliteGateStore(join(folder, 'gate.db'))
    opened.push(store)
    return store
  })
  for (const store of opened) store.close()
  rmSync(folder, { recursive: true })
})

test.skipIf(testDatabaseServer === undefined)(
  'sqlGateStore() does the same on PostgreSQL, created by many at once',
  async () => {
    const database = await createTestDatabase()
    const pool = new pg.Pool({ connectionString: database.url, max: 8 })
    // The server ends idle connections when the database is dropped.
    pool.on('error', () => undefined)
    await gateStoreContract(() =>
      sqlGateStore((text, values) => pool.query(text, [...values]), { dialect: 'postgres' }),
    )
    await pool.end()
    await database.drop()
  },
)

test('sqlGateStore() refuses a table name that is none', () => {
  const query = async () => ({ rows: [] })
  expect(() => sqlGateStore(query, { dialect: 'sqlite', table: 'a; drop table b' })).toThrow('Cannot use this table')
})

const broken: [string, GateStore][] = [
  ['rejects', { lease: fails, hold: fails, heldMs: fails }],
  ['never answers', { lease: hangs, hold: hangs, heldMs: hangs }],
]
function fails(): Promise<never> {
  return Promise.reject(new Error('no disk'))
}
function hangs(): Promise<never> {
  return new Promise(() => undefined)
}

test.each(broken)(
  'a store that %s holds nobody up: the gate goes on alone, paced, and says so',
  async (_how, store) => {
    const clock = new TestClock()
    const events: GateEvent[] = []
    const gate = new RateGate({ clock, random: () => 0, store, onEvent: (event) => events.push(event) })
    let entered = 0
    const branch = async () => {
      for (;;) {
        const entry = await gate.enter('a', { tool: 'get' })
        if (!entry.ok) return
        entered += 1
        entry.leave({ answered: true, quotas: [{ bucket: 'burst', limit: 20, remaining: 20, windowMs: 10_000 }] })
        await settle()
        if (entered >= 30) return
      }
    }
    const branches = Promise.all([branch(), branch(), branch()])
    await clock.advance(600)
    await until(() => entered >= 20)
    await settle()
    expect(entered).toBe(20)
    await clock.advance(10_200)
    await branches
    expect(entered).toBeGreaterThanOrEqual(30)
    expect(events.some(({ type }) => type === 'store_failed')).toBe(true)
    gate.hold('a', 100)
    await clock.advance(6_000)
  },
)
