/**
 * @module
 * How long the scheduler's claim takes among 100,000 accounts, all due, beside the way that reads every row. Prints one
 * JSON object; exits with 1 when a claim would scan a table.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '@quartermaster/server'

/** Whether it works is asked, not how fast it is: few rounds, no verdict. */
const TINY = process.argv.includes('--tiny')
const ACCOUNTS = TINY ? 100 : 100_000
const ROUNDS = TINY ? 2 : 500
const now = Date.now()
const dir = mkdtempSync(join(tmpdir(), 'qm-claim-'))
await (await openStore(dir)).close()
const raw = new DatabaseSync(join(dir, 'quartermaster.db'))
raw.exec('begin')
const insert = raw.prepare(`insert into account (id, tenant, system, label, status, api_base, ver, expires_at,
  refresh_at, lease_until, attempts, created_at) values (?, 'acme', 'crm', 'x', 'active', 'https://a.example', 1, ?, ?, 0, 0, 0)`)
for (let n = 0; n < ACCOUNTS; n++) insert.run(`acc_${String(n).padStart(16, '0')}`, now, now - n)
raw.exec('commit')

// The statement as the store prepares it, so that its plan is the plan of what is measured.
const texts: string[] = []
const { prepare } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function (text, ...more) {
  texts.push(text)
  return prepare.call(this, text, ...more)
}
const store = await openStore(dir)
const claim = { system: 'crm', owner: 'bench', until: now + 10_000, now, limit: 8 }
const claims: number[] = []
for (let i = 0; i < ROUNDS; i++) claims.push(await timed(() => store.refreshes.claimDue(claim)))
const claimText = texts.findLast((text) => text.includes('update account set')) ?? ''
const plan = raw
  .prepare(`explain query plan ${claimText}`)
  .all()
  .map(({ detail }) => String(detail))
const scan = raw.prepare('select id from account not indexed where refresh_at <= ? order by refresh_at limit 8')
const scans: number[] = []
for (let i = 0; i < 20; i++) scans.push(await timed(() => scan.all(now)))
await store.close()
raw.close()
rmSync(dir, { recursive: true })

const scanned = plan.filter((step) => /\bSCAN\b|TEMP B-TREE/.test(step))
console.log(
  JSON.stringify({
    bench: 'claim',
    accounts: ACCOUNTS,
    rounds: ROUNDS,
    rows_per_claim: claim.limit,
    claim_ms: { p50: quantile(claims, 0.5), p99: quantile(claims, 0.99) },
    full_scans: scanned.length,
    control: { scan_ms_p50: quantile(scans, 0.5) },
  }),
)
process.exit(scanned.length === 0 ? 0 : 1)

async function timed(work: () => unknown): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Number((sorted[Math.floor((sorted.length - 1) * at)] ?? 0).toFixed(2))
}
