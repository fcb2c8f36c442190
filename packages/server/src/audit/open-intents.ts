/**
 * @module
 * Intents whose process died before the outcome was known: found by any process, closed by a row that says `unknown`.
 */

import type { AuditEntry, StoredEntry } from '../entities/audit-entry.ts'
import type { MetaStore } from '../store/meta.ts'
import type { AuditChain } from './chain.ts'

/** A call has ten seconds in all; one that has said nothing for this long never will. */
export const OPEN_FOR_MS = 60_000
/** Rows up to this one have no open intent. */
const CHECKED = 'audit_intents_checked'

export interface OpenIntents {
  /** Closes what is open. Returns how many that were. */
  close(): Promise<number>
}

export function openIntents(deps: {
  readonly chain: Pick<AuditChain, 'writeFound'>
  readonly meta: MetaStore
  readonly now: () => number
}): OpenIntents {
  const { chain, meta, now } = deps
  let mark: { readonly seq: number; readonly at: number } | undefined
  return {
    async close() {
      const checked = await meta.get(CHECKED)
      const after = Number(checked ?? 0)
      const before = now() - OPEN_FOR_MS
      let last = 0
      const closed = await chain.writeFound(async (transaction) => {
        last = await transaction.lastSeq()
        return (await transaction.openIntents(after, before)).map((intent) => outcomeOf(intent, now()))
      })
      // Every row that was there when the mark was set is older than the limit by now, and has been looked at.
      if (closed === 0 && mark && mark.at < before && mark.seq > after) {
        if (checked === undefined) await meta.putIfAbsent(CHECKED, String(mark.seq))
        else await meta.replace(CHECKED, checked, String(mark.seq))
        mark = undefined
      }
      mark ??= { seq: last, at: now() }
      return closed
    },
  }
}

function outcomeOf(intent: StoredEntry, at: number): AuditEntry {
  const { seq: _, tenantSeq: __, hash: ___, ...entry } = intent
  return { ...entry, at, phase: 'outcome', outcome: 'unknown', ms: at - intent.at, records: 0 }
}
