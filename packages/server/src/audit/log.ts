/**
 * @module
 * Appends audit entries so that concurrent calls share one durable commit: an entry that arrives while a batch is
 * written joins the next one. No caller waits longer than a deadline.
 */

import type { AuditEntry } from '../entities/audit-entry.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { systemTimer, type Timer } from '../time/deadline.ts'
import { STORE_TIMEOUT_MS, storeDeadline } from '../time/store-deadline.ts'

/** One SQL statement holds this many rows at most; SQLite allows 32,766 parameters and a row has nineteen. */
const MAX_BATCH = 500
/** More than this can not be written within the deadline anyway. */
const MAX_WAITING = 20_000

export interface AuditLog {
  /**
   * Resolves when the entry is durable; rejects when it is not, or when it is not known after `withinMs`, which are
   * 1,500 ms at most and when left out. While other entries go on becoming durable, it waits for up to five seconds.
   */
  append(entry: AuditEntry, withinMs?: number): Promise<void>
  /** True from a write that failed to the next one that succeeds. */
  isBroken(): boolean
  /** How many milliseconds ago something was last known to be durable; infinite before the first time. */
  age(): number
  /** When something was last seen to become durable, in milliseconds of `performance.now()`. */
  durableAt(): number
}

export interface AuditLogOptions {
  /** Default: the machine's. */
  readonly timer?: Timer
}

/** Writes a batch in one transaction. What it could not write for reasons of its own is in the result. */
export type WriteBatch = (entries: readonly AuditEntry[]) => Promise<ReadonlyMap<AuditEntry, Error>>

interface Waiting {
  readonly entry: AuditEntry
  readonly done: () => void
  readonly failed: (cause: unknown) => void
  gone: boolean
}

export function auditLog(write: WriteBatch, { timer = systemTimer }: AuditLogOptions = {}): AuditLog {
  const { now } = timer
  let waiting: Waiting[] = []
  let running = false
  let broken = false
  let writtenAt = Number.NEGATIVE_INFINITY
  let durableAt = Number.NEGATIVE_INFINITY

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // An entry without a waiting caller was refused; writing it now would tell of something that did not happen.
      const batch = waiting.slice(0, MAX_BATCH).filter(({ gone }) => !gone)
      waiting = waiting.slice(MAX_BATCH)
      if (batch.length === 0) continue
      const startedAt = now()
      try {
        const refused = await write(batch.map(({ entry }) => entry))
        if (refused.size < batch.length) {
          broken = false
          writtenAt = startedAt
          durableAt = now()
        }
        for (const { entry, done, failed } of batch) {
          const cause = refused.get(entry)
          if (cause) failed(cause)
          else done()
        }
      } catch (cause) {
        broken = true
        for (const { failed } of batch) failed(cause)
      }
    }
    running = false
  }

  return {
    isBroken: () => broken,
    age: () => now() - writtenAt,
    durableAt: () => durableAt,
    async append(entry, withinMs = STORE_TIMEOUT_MS) {
      if (waiting.length >= MAX_WAITING) {
        throw new StoreUnavailable(`Cannot record in the audit: ${MAX_WAITING} entries are waiting already`)
      }
      const timeoutMs = Math.round(Math.min(STORE_TIMEOUT_MS, withinMs))
      const deadline = storeDeadline(timer, { timeoutMs, lastProgressAt: () => durableAt })
      let item: Waiting | undefined
      const durable = new Promise<void>((done, failed) => {
        item = { entry, gone: false, done, failed }
        waiting.push(item)
      })
      if (!running) {
        running = true
        // Calls that arrive in the same turn of the event loop share the batch.
        setImmediate(() => void drain())
      }
      const giveUp = () => {
        broken = true
        if (item) item.gone = true
        throw new StoreUnavailable(`Cannot record in the audit: the store has not answered for ${timeoutMs} ms`)
      }
      try {
        await deadline.within(durable, giveUp)
      } finally {
        deadline.end()
      }
    },
  }
}
