import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openStore } from './open.ts'

const NOW = 1_800_000_000_000

/** A store with this many accounts, due one second apart from an hour ago on. */
async function crowd(count: number) {
  const dir = mkdtempSync(join(tmpdir(), 'qm-crowd-'))
  await (await openStore(dir)).close()
  const raw = new DatabaseSync(join(dir, 'quartermaster.db'))
  raw.exec('begin')
  const insert = raw.prepare(`insert into account (id, tenant, system, label, status, api_base, ver, expires_at,
    refresh_at, lease_until, attempts, created_at) values (?, 'acme', ?, 'x', ?, 'https://a.example', 1, ?, ?, 0, 0, 0)`)
  for (let n = 0; n < count; n++) {
    const refreshAt = NOW - 3_600_000 + n * 1_000
    const status = n % 10 === 9 ? 'needs_reauth' : 'active'
    insert.run(
      `acc_${String(n).padStart(16, '0')}`,
      n % 2 === 0 ? 'even' : 'odd',
      status,
      refreshAt + 60_000,
      refreshAt,
    )
  }
  raw.exec('commit')
  raw.close()
  const store = await openStore(dir)
  onTestFinished(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
  })
  return store
}

test('claimDue() walks the partial index and nothing else', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  onTestFinished(() => prepare.mockRestore())
  const { refreshes } = await crowd(10)
  await refreshes.claimDue({ system: 'even', owner: 'me', until: NOW + 1, now: NOW, limit: 5 })
  const claim = prepare.mock.calls.findLastIndex(([text]) => text.includes('update account set'))
  const database = prepare.mock.contexts[claim] as DatabaseSync
  const plan = database
    .prepare(`explain query plan ${prepare.mock.calls[claim]?.[0]}`)
    .all()
    .map(({ detail }) => String(detail))
  expect(plan.filter((step) => step.includes('account_due')).length).toBeGreaterThan(0)
  expect(plan.filter((step) => /\bSCAN\b|TEMP B-TREE/.test(step))).toEqual([])
})

test('claimDue() takes the most urgent accounts of one system, each once', async () => {
  const { refreshes } = await crowd(5_000)
  const seen = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const claimed = await refreshes.claimDue({ system: 'odd', owner: 'me', until: NOW + 10_000, now: NOW, limit: 8 })
    for (const { account, attempts } of claimed) {
      expect([account.system, account.status, attempts, seen.has(account.id)]).toEqual(['odd', 'active', 1, false])
      seen.add(account.id)
    }
  }
  // 3,601 have come due by now; half are of the other system and every tenth, all of this one, needs its user.
  expect(seen.size).toBe(1_440)
})
