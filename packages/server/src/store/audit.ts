/**
 * @module
 * The audit tables: written in serial transactions, each durable, read by tenant, newest last. There is no way to
 * change a row; what a row follows from is the chain's to say.
 */
import type { Kysely, Selectable } from 'kysely'
import type { ChainHead, StoredEntry } from '../entities/audit-entry.ts'
import type { Dialect, SeenHead } from './dialect.ts'
import type { Cell, Insertion, InsertMany } from './insert-many.ts'
import type { AuditTable, Tables } from './schema.ts'

/** A row that is complete but for nothing: numbered and chained. */
export type ChainedEntry = StoredEntry & { readonly tenantSeq: number; readonly hash: string }

/** What one writer sees and writes while no other does. */
export interface AuditTransaction {
  /** Of the tenants that the transaction was begun for. */
  readonly heads: ReadonlyMap<string, ChainHead>
  /** The number of the last row over all tenants; 0 when there is none. */
  lastSeq(): Promise<number>
  /** The last chained row of a tenant. */
  lastOf(tenant: string): Promise<StoredEntry | undefined>
  /** How many rows are older than the chain. */
  countUnchained(): Promise<number>
  /** Intents after a row, older than a moment, that no outcome follows; and the last row that was looked at. */
  openIntents(after: number, before: number): Promise<readonly StoredEntry[]>
  /** Writes the rows and the ends of their chains. */
  append(entries: readonly ChainedEntry[], heads: readonly ChainHead[]): Promise<void>
}

export interface SealedKey {
  readonly tenant: string
  readonly kid: number
  /** In base64url. */
  readonly sealed: string
}

export interface AuditStore {
  /** Durable when it resolves: one transaction, no other writer in between. */
  transaction(tenants: readonly string[], work: (transaction: AuditTransaction) => Promise<void>): Promise<void>
  /** Entries after `after`, oldest first. */
  read(tenant: string | undefined, after: number, limit: number): Promise<readonly StoredEntry[]>
  heads(tenant?: string): Promise<readonly ChainHead[]>
  /** All tenants that have a row or a head. */
  tenants(): Promise<readonly string[]>
  countUnchained(): Promise<number>
  /** The first row whose number in its tenant's chain is this one. */
  findInChain(tenant: string, tenantSeq: number): Promise<StoredEntry | undefined>
  key(tenant: string): Promise<SealedKey | undefined>
  /** Keeps the key that was there first. */
  putKey(key: SealedKey): Promise<void>
  keysExcept(kid: number): Promise<readonly SealedKey[]>
  /** Replaces a seal that is still the one that was read. */
  replaceKey(was: SealedKey, now: SealedKey): Promise<void>
}

export function auditStore(db: Kysely<Tables>, { inSerialTransaction, insertMany }: Dialect): AuditStore {
  return {
    transaction: (tenants, work) =>
      inSerialTransaction(db, tenants, (tx, seen) => work(transactionOn(tx, seen, insertMany))),
    async read(tenant, after, limit) {
      const newer = db.selectFrom('audit').selectAll().where('seq', '>', after).orderBy('seq').limit(limit)
      const rows = await (tenant === undefined ? newer : newer.where('tenant', '=', tenant)).execute()
      return rows.map(toEntry)
    },
    async heads(tenant) {
      const all = db.selectFrom('audit_head').selectAll().orderBy('tenant')
      return (tenant === undefined ? all : all.where('tenant', '=', tenant)).execute()
    },
    async tenants() {
      const rows = await db
        .selectFrom('audit')
        .select('tenant')
        .union(db.selectFrom('audit_head').select('tenant'))
        .execute()
      return rows.map(({ tenant }) => tenant).sort()
    },
    countUnchained: () => countUnchained(db),
    async findInChain(tenant, tenantSeq) {
      const row = await db
        .selectFrom('audit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('tenant_seq', '=', tenantSeq)
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst()
      return row && toEntry(row)
    },
    key: (tenant) => db.selectFrom('audit_key').selectAll().where('tenant', '=', tenant).executeTakeFirst(),
    async putKey(key) {
      await db
        .insertInto('audit_key')
        .values(key)
        .onConflict((conflict) => conflict.column('tenant').doNothing())
        .execute()
    },
    keysExcept: (kid) => db.selectFrom('audit_key').selectAll().where('kid', '<>', kid).orderBy('tenant').execute(),
    async replaceKey(was, { kid, sealed }) {
      await db
        .updateTable('audit_key')
        .set({ kid, sealed })
        .where('tenant', '=', was.tenant)
        .where('sealed', '=', was.sealed)
        .execute()
    },
  }
}

function transactionOn(tx: Kysely<Tables>, seen: readonly SeenHead[], insertMany: InsertMany): AuditTransaction {
  const [any] = seen
  return {
    heads: new Map(seen.map(({ tenant, seq, hash, at, mac }) => [tenant, { tenant, seq, hash, at, mac }])),
    lastSeq: async () => (any ? (any.last ?? 0) : lastSeq(tx)),
    async lastOf(tenant) {
      const row = await tx
        .selectFrom('audit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('tenant_seq', 'is not', null)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && toEntry(row)
    },
    countUnchained: () => countUnchained(tx),
    async openIntents(after, before) {
      const rows = await tx
        .selectFrom('audit as intent')
        .selectAll('intent')
        .where('intent.phase', '=', 'intent')
        .where('intent.seq', '>', after)
        .where('intent.at', '<', before)
        .where('intent.request_id', 'not in', (eb) =>
          eb.selectFrom('audit').select('request_id').where('seq', '>', after).where('phase', '=', 'outcome'),
        )
        .orderBy('intent.seq')
        .limit(1_000)
        .execute()
      return rows.map(toEntry)
    },
    append: (entries, heads) =>
      insertMany(tx, [
        { into: rowInsertion, rows: entries.map(rowCells) },
        { into: headInsertion, rows: heads.map(headCells) },
      ]),
  }
}

async function lastSeq(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('audit').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.seq ?? 0
}

async function countUnchained(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('audit')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('hash', 'is', null)
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}

const rowInsertion: Insertion = {
  table: 'audit',
  columns: {
    seq: 'bigint',
    at: 'bigint',
    request_id: 'text',
    tenant: 'text',
    account_id: 'text',
    server_id: 'text',
    tool: 'text',
    phase: 'text',
    outcome: 'text',
    ms: 'integer',
    records: 'integer',
    tenant_seq: 'bigint',
    actor: 'text',
    subject: 'text',
    times: 'integer',
    shape: 'text',
    digest: 'text',
    tool_hash: 'text',
    hash: 'text',
  },
}

function rowCells(entry: ChainedEntry): readonly Cell[] {
  return [
    entry.seq,
    entry.at,
    entry.requestId,
    entry.tenant,
    entry.accountId,
    entry.serverId,
    entry.tool,
    entry.phase,
    entry.outcome,
    entry.ms,
    entry.records,
    entry.tenantSeq,
    entry.actor,
    entry.subject,
    entry.times,
    entry.shape,
    entry.digest,
    entry.toolHash,
    entry.hash,
  ]
}

const headInsertion: Insertion = {
  table: 'audit_head',
  columns: { tenant: 'text', seq: 'bigint', hash: 'text', at: 'bigint', mac: 'text' },
  otherwise: `on conflict (tenant) do update set
    seq = excluded.seq, hash = excluded.hash, at = excluded.at, mac = excluded.mac`,
}

function headCells({ tenant, seq, hash, at, mac }: ChainHead): readonly Cell[] {
  return [tenant, seq, hash, at, mac]
}

function toEntry(row: Selectable<AuditTable>): StoredEntry {
  return {
    seq: row.seq,
    at: row.at,
    requestId: row.request_id,
    tenant: row.tenant,
    accountId: row.account_id,
    serverId: row.server_id,
    tool: row.tool,
    phase: row.phase,
    outcome: row.outcome,
    ms: row.ms,
    records: row.records,
    actor: row.actor,
    subject: row.subject,
    times: row.times,
    shape: row.shape,
    digest: row.digest,
    toolHash: row.tool_hash,
    tenantSeq: row.tenant_seq ?? undefined,
    hash: row.hash ?? undefined,
  }
}
