/**
 * @module
 * Appends entries to the chains of their tenants: numbered, linked and signed in one transaction. What was done to a
 * chain behind its back is written into it before it goes on.
 */
import { LRUCache } from 'lru-cache'
import { type AuditEntry, type ChainHead, INSTALLATION } from '../entities/audit-entry.ts'
import type { AuditStore, AuditTransaction, ChainedEntry } from '../store/audit.ts'
import { isSame, isSigned, NO_ROW_BEFORE, rowHash, signHead, type TenantKeys } from './chain-row.ts'
import { AuditKeyLost, type AuditKeys } from './tenant-keys.ts'

/** A tenant's first row is announced in the chain of the installation, so that a chain cannot vanish as a whole. */
export const BEGUN = 'audit.begun'
/** The server found that the chain had been changed. `outcome` says how. */
export const BROKEN = 'audit.broken'

export interface AuditChain {
  /**
   * Durable when it resolves: one transaction for the whole batch. Entries of tenants whose key is lost are left out,
   * and are in the result.
   */
  write(entries: readonly AuditEntry[]): Promise<ReadonlyMap<AuditEntry, AuditKeyLost>>
  /** The same in one transaction with what `find` reads. Returns how many entries it found. */
  writeFound(find: (transaction: AuditTransaction) => Promise<readonly AuditEntry[]>): Promise<number>
}

export interface ChainDeps {
  readonly store: AuditStore
  readonly keys: AuditKeys
  readonly now: () => number
  /** A chain was found changed by others. */
  readonly onBroken?: (tenant: string, how: 'head_invalid' | 'rolled_back') => void
}

const REMEMBERED_HEADS = 10_000

/** Where a chain stands while rows are added to it. */
interface End {
  seq: number
  hash: string
  readonly keys: TenantKeys
}

export function auditChain(deps: ChainDeps): AuditChain {
  const { store, keys } = deps
  /** Where each chain stood when this process wrote last, as it was signed: it never gets shorter. */
  const reached = new LRUCache<string, ChainHead>({ max: REMEMBERED_HEADS })

  async function keysOf(tenants: Iterable<string>) {
    const lost = new Map<string, AuditKeyLost>()
    const found = new Map<string, TenantKeys>([[INSTALLATION, await keys.of(INSTALLATION)]])
    for (const tenant of tenants) {
      if (found.has(tenant)) continue
      try {
        found.set(tenant, await keys.of(tenant))
      } catch (error) {
        if (!(error instanceof AuditKeyLost)) throw error
        lost.set(tenant, error)
      }
    }
    return { found, lost }
  }

  async function append(
    transaction: AuditTransaction,
    entries: readonly AuditEntry[],
    known: ReadonlyMap<string, TenantKeys>,
  ) {
    const { heads } = transaction
    const at = deps.now()
    const announced: AuditEntry[] = []
    if (!heads.has(INSTALLATION)) {
      announced.push({ ...systemEntry(BEGUN, at), subject: INSTALLATION, records: await transaction.countUnchained() })
    }
    const tenants = tenantsOf(entries)
    for (const tenant of tenants) {
      if (tenant !== INSTALLATION && !heads.has(tenant)) announced.push({ ...systemEntry(BEGUN, at), subject: tenant })
    }
    if (announced.length > 0) tenants.add(INSTALLATION)
    const ends = new Map<string, End>()
    for (const tenant of tenants) {
      const tenantKeys = known.get(tenant)
      if (!tenantKeys) continue
      const { end, broken } = await endOf(transaction, tenant, tenantKeys, heads.get(tenant))
      ends.set(tenant, { ...end, keys: tenantKeys })
      if (broken) {
        announced.push({ ...systemEntry(BROKEN, at), tenant, outcome: broken })
        deps.onBroken?.(tenant, broken)
      }
    }
    let seq = await transaction.lastSeq()
    const rows: ChainedEntry[] = []
    for (const entry of announced.length > 0 ? [...announced, ...entries] : entries) {
      const end = ends.get(entry.tenant)
      if (!end) throw new TypeError('every entry has a tenant with keys')
      seq += 1
      end.seq += 1
      const row = complete(entry, seq, end.seq)
      row.hash = rowHash(end.keys, row, end.hash)
      rows.push(row)
      end.hash = row.hash
    }
    const signed: ChainHead[] = []
    for (const [tenant, end] of ends) signed.push(signHead(end.keys, { tenant, seq: end.seq, hash: end.hash, at }))
    await transaction.append(rows, signed)
    return signed
  }

  /** Where the chain goes on: after its signed end, or after what is left of it. */
  async function endOf(
    transaction: AuditTransaction,
    tenant: string,
    tenantKeys: TenantKeys,
    head: ChainHead | undefined,
  ) {
    const before = reached.get(tenant)
    // What this process has signed itself need not be signed again to be known.
    const signed = head !== undefined && ((before && isSame(head, before)) || isSigned(tenantKeys, head))
    if (signed && head.seq >= (before?.seq ?? 0)) {
      return { end: { seq: head.seq, hash: head.hash }, broken: undefined }
    }
    const last = await transaction.lastOf(tenant)
    if (!head && !last && !before) return { end: { seq: 0, hash: NO_ROW_BEFORE }, broken: undefined }
    const end = { seq: last?.tenantSeq ?? 0, hash: last?.hash ?? NO_ROW_BEFORE }
    return { end, broken: signed ? ('rolled_back' as const) : ('head_invalid' as const) }
  }

  function note(heads: readonly ChainHead[]): void {
    for (const head of heads) reached.set(head.tenant, head)
  }

  return {
    async write(entries) {
      if (entries.length === 0) return NOTHING_LOST
      const { found, lost } = await keysOf(tenantsOf(entries))
      const rest = lost.size === 0 ? entries : entries.filter(({ tenant }) => !lost.has(tenant))
      let heads: readonly ChainHead[] = []
      if (rest.length > 0) {
        await store.transaction([...found.keys()], async (transaction) => {
          heads = await append(transaction, rest, found)
        })
      }
      // Only what was committed counts.
      note(heads)
      if (lost.size === 0) return NOTHING_LOST
      return new Map(
        entries.flatMap((entry) => {
          const why = lost.get(entry.tenant)
          return why ? [[entry, why] as const] : []
        }),
      )
    },

    async writeFound(find) {
      let heads: readonly ChainHead[] = []
      let count = 0
      // Keys are looked up beforehand: inside a transaction, SQLite has no second connection to ask.
      const tenants = new Set<string>()
      await store.transaction([], async (transaction) => {
        for (const { tenant } of await find(transaction)) tenants.add(tenant)
      })
      if (tenants.size === 0) return 0
      const { found: known } = await keysOf(tenants)
      await store.transaction([...known.keys()], async (transaction) => {
        const entries = (await find(transaction)).filter(({ tenant }) => known.has(tenant))
        count = entries.length
        if (count > 0) heads = await append(transaction, entries, known)
      })
      note(heads)
      return count
    },
  }
}

const NOTHING_LOST: ReadonlyMap<AuditEntry, AuditKeyLost> = new Map()

function tenantsOf(entries: readonly AuditEntry[]): Set<string> {
  const tenants = new Set<string>()
  for (const { tenant } of entries) tenants.add(tenant)
  return tenants
}

function systemEntry(tool: string, at: number): AuditEntry {
  return {
    at,
    requestId: '',
    tenant: INSTALLATION,
    accountId: '',
    serverId: '',
    tool,
    phase: 'outcome',
    outcome: 'ok',
    ms: 0,
    records: 0,
    actor: 'system',
  }
}

function complete(entry: AuditEntry, seq: number, tenantSeq: number): ChainedEntry & { hash: string } {
  return {
    seq,
    tenantSeq,
    hash: '',
    at: Math.floor(entry.at),
    requestId: entry.requestId,
    tenant: entry.tenant,
    accountId: entry.accountId,
    serverId: entry.serverId,
    tool: entry.tool,
    phase: entry.phase,
    outcome: entry.outcome,
    ms: Math.max(0, Math.round(entry.ms)),
    records: entry.records,
    actor: entry.actor ?? '',
    subject: entry.subject ?? '',
    times: entry.times ?? 1,
    shape: entry.shape ?? '',
    digest: entry.digest ?? '',
    toolHash: entry.toolHash ?? '',
  }
}
