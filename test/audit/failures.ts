/**
 * @module
 * Writes to the audit fail at chosen moments: before and after they are durable, once, or until further notice. Counts
 * calls that were acknowledged without a row, and requests that reached the vendor while nothing could be recorded.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { connectSandboxAccounts, sandboxApp, startServer } from 'quartermaster'
import type { OpenDatabase } from './database.ts'
import { type Called, call, issueUrl, openVendor, person, READ, WRITE } from './installation.ts'

export interface Failed {
  readonly calls: number
  readonly failures_injected: number
  readonly acknowledged: number
  readonly acknowledged_without_row: number
  readonly writes_sent_without_intent: number
  /** The audit cannot be written at all, by an error and by a lock that somebody holds. */
  readonly unwritable: {
    readonly calls: number
    readonly refused: number
    readonly slowest_ms: number
    readonly upstream_requests: number
  }
  /** The same with an audit that only pretends to write. */
  readonly control_without_rows: { readonly acknowledged: number; readonly acknowledged_without_row: number }
}

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
  const { token, serverId } = await issueUrl(server, accounts)
  const store = server.store.audit as { turn: typeof server.store.audit.turn }
  const turn = store.turn.bind(store)
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
  for (let n = 0; n < count; n++) {
    const [nth, late] = [1 + Math.floor(random() * 3), random() < 0.5]
    let turns = 0
    store.turn = async (work) => {
      turns += 1
      if (turns !== nth) return turn(work)
      sum.injected += 1
      if (late) await turn(work)
      throw new Error('injected')
    }
    await round(n)
  }
  store.turn = turn
  const result = { ...sum }

  const refusals: Called[] = []
  const refuseAll = async () => {
    // Longer than the lease: nobody may rely on what was durable before.
    await delay(1_100)
    const before = vendor.requests()
    for (let n = 0; n < 5; n++) {
      const both = [READ, WRITE].map((name) => call(server, token, name, name === READ ? { limit: '1' } : person(n)))
      refusals.push(...(await Promise.all(both)))
    }
    return vendor.requests() - before
  }
  const lift = await makeUnwritable(database)
  let upstream = await refuseAll()
  await lift()
  const release = await database.block()
  upstream += await refuseAll()
  await release()

  store.turn = async () => {}
  Object.assign(sum, { acknowledged: 0, withoutRow: 0 })
  for (let n = 0; n < 20; n++) await round(1_000_000 + n)
  store.turn = turn
  await server.stop()
  await vendor.stop()
  return {
    calls: count,
    failures_injected: result.injected,
    acknowledged: result.acknowledged,
    acknowledged_without_row: result.withoutRow,
    writes_sent_without_intent: result.withoutIntent,
    unwritable: {
      calls: refusals.length,
      refused: refusals.filter(({ acknowledged }) => !acknowledged).length,
      slowest_ms: Math.round(Math.max(...refusals.map(({ ms }) => ms))),
      upstream_requests: upstream,
    },
    control_without_rows: { acknowledged: sum.acknowledged, acknowledged_without_row: sum.withoutRow },
  }
}

/** The database refuses every new row of the audit. Returns how to end that. */
async function makeUnwritable({ run, options }: OpenDatabase): Promise<() => Promise<void>> {
  if (options.length > 2) {
    await run(`create function refuse_row() returns trigger language plpgsql as $$ begin raise 'full'; end $$`)
    await run('create trigger refuse before insert on audit for each row execute function refuse_row()')
    return async () => void (await run('drop trigger refuse on audit'))
  }
  await run(`create trigger refuse before insert on audit begin select raise(abort, 'full'); end`)
  return async () => void (await run('drop trigger refuse'))
}
