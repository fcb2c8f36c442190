/**
 * @module
 * Changes the audit at random behind the server's back and asks whether the verification finds each change, at the row
 * where the audit first differs from what it was.
 */
import { auditChain, auditKeys, newKey, parseKeyRing, verifyAudit } from '@quartermaster/server'
import type { Cell, OpenDatabase, Row } from './database.ts'

export interface Tampered {
  readonly tampers: number
  readonly detected: number
  readonly at_right_row: number
  readonly by_kind: Readonly<Record<string, number>>
  /** Untouched audits that were called changed. */
  readonly false_alarms: number
  /** The same edits to rows without a chain: as many as are not found. */
  readonly control_unchained: { readonly tampers: number; readonly detected: number }
  readonly missed: readonly string[]
}

const TENANTS = ['acme', 'globex', 'initech'] as const
const ROWS = 60
const UNCHAINED = 5
const kinds = [
  'edit',
  'delete',
  'reorder',
  'truncate',
  'truncate_head',
  'insert',
  'swap_tenants',
  'head',
  'key',
  'wipe',
]

type Snapshot = { readonly audit: Row[]; readonly heads: Row[]; readonly keys: Row[] }

export async function tamper(database: OpenDatabase, count: number, random: () => number): Promise<Tampered> {
  const { store, run } = database
  const ring = parseKeyRing(newKey(1))
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  for (let seq = 1; seq <= UNCHAINED; seq++) {
    await run(
      `insert into audit (seq, at, request_id, tenant, account_id, server_id, tool, phase, outcome, ms, records)
       values (?, 1, 'r', 'acme', 'a', 's', 't', 'outcome', 'ok', 1, 1)`,
      seq,
    )
  }
  const chain = auditChain({ store: store.audit, keys: auditKeys(store.audit, ring), now: () => 1_700_000_000_000 })
  for (let n = 0; n < ROWS; n++) {
    const entry = { tenant: pick(TENANTS), accountId: 'acc_1', serverId: 'mcp_1', tool: 'list_all_things' }
    const more = {
      phase: 'outcome',
      outcome: 'ok',
      ms: n,
      records: 2,
      actor: 'tok_1',
      shape: 'limit',
      digest: `d${n}`,
    } as const
    await chain.write([{ ...entry, ...more, at: 1_700_000_000_000 + n, requestId: `req_${n}` }])
  }
  for (const table of ['audit', 'audit_head', 'audit_key'])
    await run(`create table kept_${table} as select * from ${table}`)
  const snapshot = async (): Promise<Snapshot> => ({
    audit: await run('select * from audit where hash is not null order by seq'),
    heads: await run('select * from audit_head order by tenant'),
    keys: await run('select * from audit_key order by tenant'),
  })
  const restore = async () => {
    for (const table of ['audit', 'audit_head', 'audit_key']) {
      await run(`delete from ${table}`)
      await run(`insert into ${table} select * from kept_${table}`)
    }
  }
  const before = await snapshot()
  const verify = () => verifyAudit(store.audit, ring)
  const byKind: Record<string, number> = {}
  const missed: string[] = []
  let detected = 0
  let right = 0
  let falseAlarms = (await verify()).sound ? 0 : 1

  for (let n = 0; n < count; n++) {
    const kind = kinds[n % kinds.length] as string
    await apply(kind)
    const expected = firstDifferences(before, await snapshot(), kind)
    const { tenants, sound } = await verify()
    const found = new Map(tenants.flatMap(({ tenant, bad }) => (bad ? [[tenant, bad] as const] : [])))
    const all = [...expected].every(([tenant, at]) => found.get(tenant)?.tenantSeq === at)
    detected += sound ? 0 : 1
    right += !sound && all ? 1 : 0
    byKind[kind] = (byKind[kind] ?? 0) + 1
    if (sound || !all) missed.push(`${kind}: ${JSON.stringify([[...expected], [...found]])}`)
    await restore()
    if (n % 50 === 49 && !(await verify()).sound) falseAlarms += 1
  }

  const control = { tampers: 0, detected: 0 }
  for (let n = 0; n < 50; n++) {
    const column = pick(['tool', 'outcome', 'account_id', 'request_id'])
    await run(`update audit set ${column} = ? where seq = ?`, `x${n}`, 1 + (n % UNCHAINED))
    control.tampers += 1
    control.detected += (await verify()).sound ? 0 : 1
  }
  return {
    tampers: count,
    detected,
    at_right_row: right,
    by_kind: byKind,
    false_alarms: falseAlarms,
    control_unchained: control,
    missed: missed.slice(0, 5),
  }

  async function apply(kind: string): Promise<void> {
    const row = pick(before.audit)
    const tenant = row['tenant'] as string
    const own = before.audit.filter((each) => each['tenant'] === tenant)
    const seq = row['seq'] as number
    switch (kind) {
      case 'edit': {
        const column = pick(Object.keys(row))
        await run(`update audit set ${column} = ? where seq = ?`, changed(row[column] ?? null, column), seq)
        return
      }
      case 'delete':
        await run('delete from audit where seq = ?', seq)
        return
      case 'reorder': {
        const other = pick(before.audit.filter((each) => each['tenant'] === tenant && each !== row))
        if (!other) return void (await run('delete from audit where seq = ?', seq))
        const [a, b] = [seq, other['seq'] as number]
        await run('update audit set seq = ? where seq = ?', -1, a)
        await run('update audit set seq = ? where seq = ?', a, b)
        await run('update audit set seq = ? where seq = ?', b, -1)
        return
      }
      case 'truncate':
      case 'truncate_head': {
        await run('delete from audit where tenant = ? and hash is not null and seq >= ?', tenant, seq)
        const last = own.filter((each) => (each['seq'] as number) < seq).at(-1)
        if (kind === 'truncate_head' && last) {
          const at = [last['tenant_seq'] ?? null, last['hash'] ?? null]
          await run('update audit_head set seq = ?, hash = ? where tenant = ?', ...at, tenant)
        }
        return
      }
      case 'insert': {
        const end = Math.max(...before.audit.map((each) => each['seq'] as number)) + 1
        const copy: Row = {
          ...row,
          seq: end,
          tenant_seq: random() < 0.5 ? own.length + 1 : (row['tenant_seq'] ?? null),
        }
        const names = Object.keys(copy)
        await run(
          `insert into audit (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
          ...names.map((name) => copy[name] ?? null),
        )
        return
      }
      case 'swap_tenants': {
        const other = pick(before.audit.filter((each) => each['tenant'] !== tenant))
        await run('update audit set tenant = ? where seq = ?', other['tenant'] ?? null, seq)
        await run('update audit set tenant = ? where seq = ?', tenant, other['seq'] ?? null)
        return
      }
      case 'head': {
        const head = pick(before.heads)
        const column = pick(['seq', 'hash', 'at', 'mac'])
        const value = changed(head[column] ?? null, column)
        await run(`update audit_head set ${column} = ? where tenant = ?`, value, head['tenant'] ?? null)
        return
      }
      case 'key': {
        const [one, other] = [pick(TENANTS), pick(TENANTS)]
        const foreign = before.keys.find((each) => each['tenant'] === other)?.['sealed']
        const sealed = one === other ? 'AAAA' : (foreign ?? null)
        await run('update audit_key set sealed = ? where tenant = ?', sealed, one)
        return
      }
      default: {
        const gone = pick(TENANTS)
        for (const table of ['audit', 'audit_head', 'audit_key']) {
          const chained = table === 'audit' ? ' and hash is not null' : ''
          await run(`delete from ${table} where tenant = ?${chained}`, gone)
        }
      }
    }
  }
}

/** The oracle: shares nothing with the verification. Compares what is with what was, tenant by tenant. */
function firstDifferences(before: Snapshot, after: Snapshot, kind: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const { tenant } of before.heads as { tenant: string }[]) {
    const of = (rows: readonly Row[]) =>
      rows.filter((row) => row['tenant'] === tenant).map((row) => JSON.stringify(row))
    const [was, is] = [of(before.audit), of(after.audit)]
    const at = was.findIndex((row, index) => is[index] !== row)
    if (kind !== 'wipe' && of(before.keys)[0] !== of(after.keys)[0]) found.set(tenant, 1)
    else if (kind === 'truncate_head' && is.length < was.length && is.length > 0) found.set(tenant, is.length)
    else if (at >= 0) found.set(tenant, at + 1)
    else if (is.length > was.length) found.set(tenant, was.length + 1)
    else if (of(before.heads)[0] !== of(after.heads)[0]) found.set(tenant, was.length)
  }
  return found
}

function changed(value: Cell, column: string): Cell {
  if (column === 'phase') return value === 'intent' ? 'outcome' : 'intent'
  if (typeof value === 'number') return column === 'seq' ? value + 1_000 : value + 1
  return `${value}x`
}
