/**
 * @module
 * Server processes are killed with SIGKILL while they read and write over HTTP. Afterwards every acknowledged call has
 * its row, every change at the vendor has an intent, what was left open is closed, and the chain is whole.
 */
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { auditChain, auditKeys, openIntents, parseKeyRing, type StoredEntry, verifyAudit } from '@quartermaster/server'
import { serve } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts } from 'quartermaster'
import type { OpenDatabase } from './database.ts'
import { call, issueUrl, openVendor, person, SEARCH, sought, WRITE } from './installation.ts'

export interface Killed {
  readonly kills: number
  readonly calls: number
  readonly acknowledged: number
  readonly acknowledged_without_row: number
  /** Counted at the vendor, by what it has afterwards. */
  readonly changes: number
  readonly changes_without_intent: number
  readonly intents: number
  /** Kills that left an intent without an outcome; more than none, or the moments were badly chosen. */
  readonly left_open: number
  readonly closed_as_unknown: number
  readonly still_open: number
  readonly sound: boolean
}

const CALLERS = 6
const CARELESS = new URL('./careless-server.ts', import.meta.url).pathname

export interface KillOptions {
  /** Servers that acknowledge before they record: what the proof must not find of the others. */
  readonly careless?: boolean
  readonly step?: (done: number) => void
  /** Kills no more after so many milliseconds; `kills` says how many it were. */
  readonly atMostMs?: number
}

export async function killServers(
  database: OpenDatabase,
  kills: number,
  random: () => number,
  { careless = false, step = () => {}, atMostMs = Number.POSITIVE_INFINITY }: KillOptions = {},
): Promise<Killed> {
  const vendor = await openVendor()
  const options = [...database.options, '--dangerously-use-vendors-at', vendor.url]
  const env = { NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), 'qm-audit-')) }
  const start = () => serve(options, env, careless ? CARELESS : undefined)
  const first = await start()
  const accounts = await connectSandboxAccounts({ server: first, sandboxUrl: vendor.url, tenant: 'acme' })
  const { token, serverId } = await issueUrl(first, accounts)
  const accountId = accounts.find(({ system }) => system === 'hubspot')?.id ?? ''
  const acknowledged: number[] = []
  let calls = 0
  let server = first
  const stopAt = performance.now() + atMostMs
  let killed = 0
  for (let more = true; more; ) {
    more = killed + 1 < kills && performance.now() < stopAt
    // The next one starts while this one works, so that kills hit processes that share the store.
    const next = more ? start() : undefined
    let alive = true
    const target = server
    const callers = Array.from({ length: CALLERS }, async () => {
      while (alive) {
        const n = calls++
        const answer = await call(target, token, ...callNumber(n))
        if (answer.acknowledged) acknowledged.push(n)
        else if (answer.code !== 'gone') await delay(20)
      }
    })
    // Once some have been answered, at a moment that has nothing to do with any of them.
    const enough = acknowledged.length + 1 + Math.floor(random() * 12)
    const giveUpAt = performance.now() + 5_000
    while (acknowledged.length < enough && performance.now() < giveUpAt) await delay(2)
    await delay(random() * 30)
    target.child.kill('SIGKILL')
    alive = false
    await Promise.all([...callers, target.exit])
    killed += 1
    step(killed)
    if (next) server = await next
  }

  const ring = parseKeyRing(readFileSync(join(database.options[1] ?? '', 'keys'), 'utf8').trim())
  const keys = auditKeys(database.store.audit, ring)
  const { digest } = await keys.of('acme')
  // What an auditor with the key does: recognise a call by its arguments.
  const digestOf = (n: number) => {
    const text = JSON.stringify([callNumber(n)[0], accountId, callNumber(n)[1]])
    return createHmac('sha256', digest).update(text).digest('base64url').slice(0, 22)
  }
  const rows = (await allRows(database)).filter((row) => row.serverId === serverId)
  const done = new Set(
    rows.filter(({ phase, outcome }) => phase === 'outcome' && outcome === 'ok').map((row) => row.digest),
  )
  const intents = rows.filter(({ phase }) => phase === 'intent')
  const told = new Set(rows.filter(({ phase }) => phase === 'outcome').map(({ requestId }) => requestId))
  const later = () => Date.now() + 61_000
  const chain = auditChain({ store: database.store.audit, keys, now: later })
  const closed = await openIntents({ chain, meta: database.store.meta, now: later }).close()
  const { tenants, sound } = await verifyAudit(database.store.audit, ring, { now: later() })
  const begun = new Set(intents.map((row) => row.digest))
  const made = madeBy(vendor.control.records('contacts') ?? [])
  await vendor.stop()
  rmSync(env.NODE_COMPILE_CACHE, { recursive: true })
  return {
    kills: killed,
    calls,
    acknowledged: acknowledged.length,
    acknowledged_without_row: acknowledged.filter((n) => !done.has(digestOf(n))).length,
    changes: made.length,
    changes_without_intent: made.filter((n) => !begun.has(digestOf(n))).length,
    intents: intents.length,
    left_open: intents.filter(({ requestId }) => !told.has(requestId)).length,
    closed_as_unknown: closed,
    still_open: tenants.reduce((all, { openIntents: open }) => all + open, 0),
    sound,
  }
}

/** Every third call is a read. The arguments of each occur once, and stand in the order of their names. */
function callNumber(n: number): readonly [tool: string, args: object] {
  return n % 3 === 2 ? [SEARCH, sought(n)] : [WRITE, person(n)]
}

/** The numbers of the calls that have made these contacts. */
function madeBy(contacts: readonly unknown[]): readonly number[] {
  const numbers = contacts.flatMap((contact) => /person-(\d+)@proof/.exec(JSON.stringify(contact))?.[1] ?? [])
  return numbers.map(Number)
}

async function allRows({ store }: OpenDatabase): Promise<readonly StoredEntry[]> {
  const rows: StoredEntry[] = []
  for (let after = 0; ; ) {
    const page = await store.audit.read('acme', after, 1_000)
    if (page.length === 0) return rows
    rows.push(...page)
    after = page.at(-1)?.seq ?? after
  }
}
