/**
 * @module
 * Checks one tenant's chain from its first row to its signed end, and names the first row that is not as it was written.
 * Works while servers write.
 */

import type { ChainHead, StoredEntry } from '../entities/audit-entry.ts'
import type { AuditStore } from '../store/audit.ts'
import { BROKEN } from './chain.ts'
import { isSigned, NO_ROW_BEFORE, rowHash, type TenantKeys } from './chain-row.ts'

export type ChainFault =
  /** A column of the row is not what was written. */
  | 'edited'
  /** The row is not there. */
  | 'deleted'
  /** The row stands somewhere else. */
  | 'reordered'
  /** The row and all after it are not there. */
  | 'truncated'
  /** A row that was never written by a server. */
  | 'inserted'
  /** The signed end of the chain was changed or is gone. */
  | 'head_changed'
  /** The chain was made with another key, or its key is gone. */
  | 'foreign_key'
  /** A server found the chain changed before it wrote this row. */
  | 'broken_before'
  /** What was kept outside is not in the chain: the whole was replaced by something older or else. */
  | 'not_as_anchored'

export interface BadRow {
  /** The number of the row in its tenant's chain. */
  readonly tenantSeq: number
  readonly why: ChainFault
}

export interface CheckedChain {
  readonly tenant: string
  /** Rows that are sound, up to the first that is not. */
  readonly rows: number
  readonly head: ChainHead | undefined
  readonly bad: BadRow | undefined
  /** Intents older than a minute without an outcome. */
  readonly openIntents: number
}

export interface ChainCheck {
  readonly store: Pick<AuditStore, 'read' | 'heads' | 'findInChain'>
  readonly tenant: string
  /** Undefined when the tenant's key does not open. */
  readonly keys: TenantKeys | undefined
  /** Heads that were kept outside. */
  readonly anchors?: readonly Pick<ChainHead, 'seq' | 'hash'>[]
  /** Intents before this moment should have an outcome. Epoch milliseconds. */
  readonly openBefore: number
  readonly onRow?: (row: StoredEntry) => void
}

const PAGE = 500

export async function verifyChain(check: ChainCheck): Promise<CheckedChain> {
  const { store, tenant, keys } = check
  const open = new Map<string, number>()
  const headOf = async () => (await store.heads(tenant))[0]
  let head = await headOf()
  let last = { tenantSeq: 0, seq: 0, hash: NO_ROW_BEFORE }
  const result = (bad?: BadRow): CheckedChain => {
    const openIntents = [...open.values()].filter((at) => at < check.openBefore).length
    return { tenant, rows: last.tenantSeq, head, bad, openIntents }
  }
  const anchored = new Map(check.anchors?.map(({ seq, hash }) => [seq, hash]))

  for (let after = 0; ; ) {
    const page = await store.read(tenant, after, PAGE)
    if (page.length === 0) {
      const now = await headOf()
      // A server has written in between.
      if (now && (!head || now.seq > head.seq)) {
        head = now
        continue
      }
      break
    }
    // Rows and their head appear together, so a head that is read after a row is not older.
    if ((page.at(-1)?.tenantSeq ?? 0) > (head?.seq ?? 0)) head = await headOf()
    for (const row of page) {
      after = row.seq
      // Older than the chain.
      if (row.hash === undefined) continue
      const expected = last.tenantSeq + 1
      const why = await faultOf(row, expected)
      if (why) return result({ tenantSeq: expected, why })
      check.onRow?.(row)
      if (row.phase === 'intent') open.set(row.requestId, row.at)
      else open.delete(row.requestId)
      last = { tenantSeq: expected, seq: row.seq, hash: row.hash ?? '' }
      const anchor = anchored.get(expected)
      if (anchor !== undefined && anchor !== row.hash) return result({ tenantSeq: expected, why: 'not_as_anchored' })
      if (row.tool === BROKEN) return result({ tenantSeq: expected, why: 'broken_before' })
    }
  }
  return result(faultAtEnd())

  async function faultOf(row: StoredEntry, expected: number): Promise<ChainFault | undefined> {
    if (!keys) return 'foreign_key'
    const tenantSeq = row.tenantSeq ?? 0
    // An end that is not signed says nothing about the rows; that it was changed is told at the end.
    const end = head && isSigned(keys, head) ? head.seq : Number.POSITIVE_INFINITY
    if (tenantSeq === expected && rowHash(keys, row, last.hash) === row.hash) {
      return tenantSeq > end ? 'inserted' : undefined
    }
    if (tenantSeq < expected) return 'inserted'
    // Nothing in the chain is right, not even its end: it was made with another key.
    if (expected === 1 && tenantSeq === 1 && head && !isSigned(keys, head)) return 'foreign_key'
    const elsewhere = tenantSeq === expected || expected > end ? undefined : await store.findInChain(tenant, expected)
    if (tenantSeq > end && !elsewhere) return expected > end ? 'inserted' : 'deleted'
    if (tenantSeq === expected) return expected > end ? 'inserted' : 'edited'
    return elsewhere ? 'reordered' : 'deleted'
  }

  function faultAtEnd(): BadRow | undefined {
    const tenantSeq = last.tenantSeq + 1
    if (!head) return last.tenantSeq === 0 ? undefined : { tenantSeq: last.tenantSeq, why: 'head_changed' }
    if (!keys) return { tenantSeq: 1, why: 'foreign_key' }
    if (!isSigned(keys, head)) return { tenantSeq: last.tenantSeq, why: 'head_changed' }
    if (head.seq > last.tenantSeq) return { tenantSeq, why: 'truncated' }
    if (head.hash !== last.hash) return { tenantSeq: last.tenantSeq, why: 'head_changed' }
    const beyond = Math.max(0, ...(check.anchors ?? []).map(({ seq }) => seq))
    return beyond > last.tenantSeq ? { tenantSeq, why: 'not_as_anchored' } : undefined
  }
}
