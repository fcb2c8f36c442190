import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleAccount, sampleTimes } from '../../test/store/samples.ts'
import { auditChain } from '../audit/chain.ts'
import { auditKeys } from '../audit/tenant-keys.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { type KeyRing, newKey, parseKeyRing } from '../keys/key-ring.ts'
import { openStore, type Store } from '../store/open.ts'
import { openPostgresStore } from '../store/open-postgres.ts'
import { openGrant, sealGrant } from '../vault/grant.ts'
import { checkRing } from './check-ring.ts'
import { moveStore } from './move-store.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const ring = parseKeyRing(newKey(1))
const grant = (n: number) => ({ accessToken: `at-${n}`, refreshToken: `rt-${n} ✓`, expiresAt: n })
const ACCOUNTS = 1_201

async function dataDirectory(): Promise<{ readonly dir: string; readonly store: Store }> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-move-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const store = await openStore(dir)
  await checkRing(ring, store)
  for (let n = 0; n < ACCOUNTS; n++) {
    const account = sampleAccount({
      id: `acc_${n % 2 ? 'A' : 'a'}${n}`,
      createdAt: n,
      label: `Nº ${n} ☂`,
      scopes: ['x'],
    })
    await store.accounts.insert(account, sealGrant(ring, owner(account), 1, grant(n)), sampleTimes)
  }
  await auditChain({ store: store.audit, keys: auditKeys(store.audit, ring), now: () => 1 }).write(
    Array.from({ length: 7 }, (_, at) => ({
      at,
      requestId: `req_${at}`,
      tenant: 'acme',
      accountId: 'acc_a0',
      serverId: 'mcp_1',
      tool: 't',
      phase: 'outcome' as const,
      outcome: 'ok',
      ms: 1,
      records: 0,
    })),
  )
  return { dir, store }
}

function owner(account: { id: string; tenant: string }) {
  return { tenant: account.tenant, accountId: account.id }
}

async function emptyDatabase(): Promise<string> {
  const database = await createTestDatabase()
  cleanups.push(() => database.drop())
  return database.url
}

const refusal = (dir: string, url: string, keys: KeyRing = ring) =>
  moveStore({ dataDir: dir, databaseUrl: url, ring: keys }).then(
    () => 'moved',
    (error: unknown) => (error as Error).message,
  )

describe.skipIf(testDatabaseServer === undefined)('moveStore()', () => {
  test('copies everything, opens every grant, goes on counting, and leaves a directory that is not served', async () => {
    const { dir, store } = await dataDirectory()
    await store.close()
    const url = await emptyDatabase()
    const moved = await moveStore({ dataDir: dir, databaseUrl: url, ring })
    expect(moved).toMatchObject({ grantsOpened: ACCOUNTS, grantsClosed: 0 })
    expect(Object.fromEntries(moved.tables.map(({ name, rows }) => [name, rows]))).toMatchObject({
      account: ACCOUNTS,
      account_secret: ACCOUNTS,
      audit: 9,
      audit_head: 2,
      audit_key: 2,
      meta: 1,
    })
    const target = await openPostgresStore(url)
    cleanups.push(() => target.close())
    await checkRing(ring, target)
    const accounts = await target.accounts.list(undefined)
    expect(accounts).toHaveLength(ACCOUNTS)
    for (const [n, account] of accounts.entries()) {
      expect(account.label).toBe(`Nº ${n} ☂`)
      if (n % 100 === 0)
        expect(openGrant(ring, owner(account), (await target.accounts.grant(account.id))!)).toEqual(grant(n))
    }
    const [last] = await target.audit.read(undefined, 8, 10)
    const chain = auditChain({ store: target.audit, keys: auditKeys(target.audit, ring), now: () => 1 })
    await chain.write([{ ...last!, at: 99 }])
    expect((await target.audit.read(undefined, 9, 10)).map(({ seq, at }) => [seq, at])).toEqual([[10, 99]])
    expect(await verifyAudit(target.audit, ring)).toMatchObject({ sound: true })

    await expect(openStore(dir)).rejects.toThrow(/was moved to 127\.0\.0\.1:\d+\/qm_test_/)
    expect(await refusal(dir, await emptyDatabase())).toMatch(/was moved to .* before/)
  })

  test('refuses a database that holds anything, and leaves both sides as they were', async () => {
    const { dir, store } = await dataDirectory()
    await store.close()
    const url = await emptyDatabase()
    const target = await openPostgresStore(url)
    cleanups.push(() => target.close())
    await target.meta.putIfAbsent('note', 'mine')
    expect(await refusal(dir, url)).toMatch(/its table meta is not empty/)
    expect(await target.accounts.list(undefined)).toEqual([])
    const again = await openStore(dir)
    cleanups.push(() => again.close())
    expect(await again.accounts.list(undefined)).toHaveLength(ACCOUNTS)
  })

  test('refuses while a server has the directory open, and with keys that do not open what is moved', async () => {
    const { dir, store } = await dataDirectory()
    const url = await emptyDatabase()
    expect(await refusal(dir, url)).toMatch(/a server has it open/)
    expect(await store.accounts.list(undefined)).toHaveLength(ACCOUNTS)
    await store.close()
    expect(await refusal(dir, url, parseKeyRing(newKey(1)))).toMatch(/the grant of acc_\S+ does not open/)
    const target = await openPostgresStore(url)
    expect(await target.accounts.list(undefined)).toEqual([])
    await target.close()
    expect(await refusal(dir, url)).toBe('moved')
  })

  test('refuses a directory that is not one', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'qm-move-'))
    cleanups.push(() => rmSync(dir, { recursive: true }))
    expect(await refusal(dir, await emptyDatabase())).toMatch(/there is no .*quartermaster\.db/)
  })
})
