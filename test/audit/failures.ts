/**
 * @module
 * Writes to the audit fail at chosen moments: before and after they are durable, once, or until further notice. Counts
 * calls that were acknowledged without a row, and requests that reached the vendor while nothing could be recorded.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { connectSandboxAccounts, sandboxApp, startServer } from 'quartermaster'
import type { OpenDatabase } from './database.ts'
import { type Called, call, issueUrl, listTools, openVendor, person, READ, WRITE } from './installation.ts'

export interface Failed {
  readonly calls: number
  readonly failures_injected: number
  readonly acknowledged: number
  readonly acknowledged_without_row: number
  readonly writes_sent_without_intent: number
  /**
   * The audit cannot be written at all: by an error, by a lock on it that somebody holds, by a lock on everything.
   * `refused` counts those that were told so; `by_code` tells all apart.
   */
  readonly unwritable: Outage
  /** The same, before the server has asked the system anything; lists of tools are asked for as well. */
  readonly unwritable_cold: Outage
  /** The same calls while it can. */
  readonly control_writable: Outage
  readonly control_writable_cold: Outage
  /** The same rounds with an audit that only pretends to write. */
  readonly control_without_rows: {
    readonly acknowledged: number
    readonly acknowledged_without_row: number
    readonly writes_sent_without_intent: number
  }
}

interface Outage {
  readonly calls: number
  readonly refused: number
  readonly slowest_ms: number
  /** How late a timer of this process rang at most: what the machine adds to any time. */
  readonly late_ms: number
  readonly upstream_requests: number
  readonly by_code: Readonly<Record<string, number>>
}

const AT_ONCE = 30
/** The call was not made, or not even looked up, because the store does not answer. */
const UNRECORDED = new Set(['audit_unavailable', 'http_503'])

export async function failures(database: OpenDatabase, count: number, random: () => number): Promise<Failed> {
  const vendor = await openVendor()
  const dir = database.options[1] ?? mkdtempSync(join(tmpdir(), 'qm-audit-'))
  const server = await startServer({
    dataDir: dir,
    databaseUrl: database.options[3],
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    allowedHosts: [],
    app: () => sandboxApp,
    log: pino({ level: 'silent' }),
    env: {},
    dangerousVendorBase: (tenant, system) => `${vendor.url}/${tenant}/${system}`,
    background: false,
  })
  const accounts = await connectSandboxAccounts({ server, sandboxUrl: vendor.url, tenant: 'acme' })
  const { token, serverId, accountId } = await issueUrl(server, accounts)
  const store = server.store.audit as { transaction: typeof server.store.audit.transaction }
  const transaction = store.transaction.bind(store)
  const rowsSince = async (seq: number) =>
    (await server.store.audit.read('acme', seq, 500)).filter((row) => row.serverId === serverId)
  const lastSeq = async () => Number((await database.run('select max(seq) as n from audit'))[0]?.['n'] ?? 0)
  const sum = { acknowledged: 0, withoutRow: 0, withoutIntent: 0, injected: 0 }

  const round = async (n: number) => {
    const name = random() < 0.5 ? READ : WRITE
    const [before, sentBefore] = [await lastSeq(), vendor.requests()]
    const answer = await call(server, token, name, name === READ ? { limit: '1' } : person(n))
    const rows = await rowsSince(before)
    const sent = vendor.requests() > sentBefore
    sum.acknowledged += answer.acknowledged ? 1 : 0
    if (answer.acknowledged && !rows.some(({ phase, outcome }) => phase === 'outcome' && outcome === 'ok'))
      sum.withoutRow += 1
    if (name === WRITE && sent && !rows.some(({ phase }) => phase === 'intent')) sum.withoutIntent += 1
  }
  let named = 0
  const called = async (isCold = false): Promise<Outage> => {
    // Longer than the lease: nobody may rely on what was durable before.
    await delay(1_100)
    const before = vendor.requests()
    const late = monitorEventLoopDelay({ resolution: 5 })
    late.enable()
    const answers: Called[] = []
    if (isCold) await listTools(server, token, accountId)
    const both = () =>
      [READ, WRITE].map((name) =>
        call(server, token, name, name === READ ? { limit: '1' } : person(2_000_000 + named++)),
      )
    for (let n = 0; n < 5; n++) answers.push(...(await Promise.all(both())))
    answers.push(...(await Promise.all(Array.from({ length: AT_ONCE / 2 }, both).flat())))
    late.disable()
    return outage(answers, vendor.requests() - before, late.max / 1e6)
  }
  const outages = async (isCold: boolean) => {
    const unwritable: Outage[] = []
    for (const makeUnwritable of [
      breakTable,
      (to: OpenDatabase) => to.block(),
      (to: OpenDatabase) => to.block('all'),
    ]) {
      const lift = await makeUnwritable(database)
      unwritable.push(await called(isCold))
      await lift()
    }
    // A read whose tool no account shapes: the server is as cold after it as before.
    await recovered(() => call(server, token, READ, { limit: '1' }))
    return { unwritable: together(unwritable), writable: await called(isCold) }
  }
  const cold = await outages(true)
  for (let n = 0; n < count; n++) {
    const [nth, late] = [1 + Math.floor(random() * 3), random() < 0.5]
    let turns = 0
    store.transaction = async (tenants, work) => {
      turns += 1
      if (turns !== nth) return transaction(tenants, work)
      sum.injected += 1
      if (late) await transaction(tenants, work)
      throw new Error('injected')
    }
    await round(n)
  }
  store.transaction = transaction
  const result = { ...sum }

  const warm = await outages(false)

  store.transaction = async () => {}
  Object.assign(sum, { acknowledged: 0, withoutRow: 0, withoutIntent: 0 })
  for (let n = 0; n < 20; n++) await round(1_000_000 + n)
  store.transaction = transaction
  await server.stop()
  await vendor.stop()
  return {
    calls: count,
    failures_injected: result.injected,
    acknowledged: result.acknowledged,
    acknowledged_without_row: result.withoutRow,
    writes_sent_without_intent: result.withoutIntent,
    unwritable: warm.unwritable,
    unwritable_cold: cold.unwritable,
    control_writable: warm.writable,
    control_writable_cold: cold.writable,
    control_without_rows: {
      acknowledged: sum.acknowledged,
      acknowledged_without_row: sum.withoutRow,
      writes_sent_without_intent: sum.withoutIntent,
    },
  }
}

function outage(answers: readonly Called[], upstream: number, lateMs: number): Outage {
  const by_code: Record<string, number> = {}
  for (const { code } of answers) by_code[code] = (by_code[code] ?? 0) + 1
  return {
    calls: answers.length,
    refused: answers.filter(({ code }) => UNRECORDED.has(code)).length,
    slowest_ms: Math.round(Math.max(...answers.map(({ ms }) => ms))),
    late_ms: Math.round(lateMs),
    upstream_requests: upstream,
    by_code,
  }
}

function together(outages: readonly Outage[]): Outage {
  const by_code: Record<string, number> = {}
  for (const each of outages)
    for (const [code, n] of Object.entries(each.by_code)) by_code[code] = (by_code[code] ?? 0) + n
  const sum = (of: 'calls' | 'refused' | 'upstream_requests') => outages.reduce((all, each) => all + each[of], 0)
  const most = (of: 'slowest_ms' | 'late_ms') => Math.max(...outages.map((each) => each[of]))
  return {
    calls: sum('calls'),
    refused: sum('refused'),
    slowest_ms: most('slowest_ms'),
    late_ms: most('late_ms'),
    upstream_requests: sum('upstream_requests'),
    by_code,
  }
}

/** A batch that was begun before a lock was lifted may still fail. */
async function recovered(ask: () => Promise<Called>): Promise<void> {
  const giveUpAt = performance.now() + 15_000
  while (!(await ask()).acknowledged) {
    if (performance.now() > giveUpAt) throw new Error('Cannot go on: the audit does not recover')
    await delay(50)
  }
}

/** The database refuses every new row of the audit. Returns how to end that. */
async function breakTable({ run, options }: OpenDatabase): Promise<() => Promise<void>> {
  if (options.length > 2) {
    await run(
      `create or replace function refuse_row() returns trigger language plpgsql as $$ begin raise 'full'; end $$`,
    )
    await run('create trigger refuse before insert on audit for each row execute function refuse_row()')
    return async () => void (await run('drop trigger refuse on audit'))
  }
  await run(`create trigger refuse before insert on audit begin select raise(abort, 'full'); end`)
  return async () => void (await run('drop trigger refuse'))
}
