/**
 * @module
 * Appends audit entries so that concurrent calls share one durable commit: whoever arrives while a batch is being
 * written joins the next one. Nobody waits longer than a deadline.
 */

import type { AuditEntry } from '../entities/audit-entry.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { extendedUntil, MAX_STORE_WAIT_MS } from '../time/store-deadline.ts'

/** One SQL statement holds this many rows at most; SQLite allows 32,766 parameters and a row has nineteen. */
const MAX_BATCH = 500
/** A refusal that says why must reach the caller within two seconds. */
const DEADLINE_MS = 1_500
/** More than this can not be written within the deadline anyway. */
const MAX_WAITING = 20_000

export interface AuditLog {
  /**
   * Resolves when the entry is durable; rejects when it is not, or when nobody knows after `withinMs`, which are
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
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
  readonly deadlineMs?: number
}

/** Writes a batch in one transaction. What it could not write for reasons of its own is in the result. */
export type WriteBatch = (entries: readonly AuditEntry[]) => Promise<ReadonlyMap<AuditEntry, Error>>

interface Waiting {
  readonly entry: AuditEntry
  readonly done: () => void
  readonly failed: (cause: unknown) => void
  gone: boolean
}

export function auditLog(write: WriteBatch, options: AuditLogOptions = {}): AuditLog {
  const { now = () => performance.now(), deadlineMs = DEADLINE_MS } = options
  let waiting: Waiting[] = []
  let running = false
  let broken = false
  let writtenAt = Number.NEGATIVE_INFINITY
  let durableAt = Number.NEGATIVE_INFINITY

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // What nobody waits for any more was refused; writing it now would tell of something that did not happen.
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
    append: (entry, withinMs = deadlineMs) =>
      new Promise((resolve, reject) => {
        const timeoutMs = Math.round(Math.min(deadlineMs, withinMs))
        if (waiting.length >= MAX_WAITING) {
          reject(new StoreUnavailable(`Cannot record in the audit: ${MAX_WAITING} entries are waiting already`))
          return
        }
        const latest = now() + MAX_STORE_WAIT_MS
        let until = now() + timeoutMs
        const ring = () => {
          const more = Math.min(extendedUntil(now(), until, durableAt), latest)
          if (more > now()) {
            until = more
            late = setTimeout(ring, more - now())
            return
          }
          broken = true
          item.gone = true
          reject(new StoreUnavailable(`Cannot record in the audit: the store has not answered for ${timeoutMs} ms`))
        }
        let late = setTimeout(ring, timeoutMs)
        const item: Waiting = {
          entry,
          gone: false,
          done() {
            clearTimeout(late)
            resolve()
          },
          failed(cause) {
            clearTimeout(late)
            reject(cause)
          },
        }
        waiting.push(item)
        if (running) return
        running = true
        // Calls that arrive in the same turn of the event loop share the batch.
        setImmediate(() => void drain())
      }),
  }
}
