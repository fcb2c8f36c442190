/**
 * @module
 * Appends audit entries so that concurrent calls share one durable commit: whoever arrives while a batch is being
 * written joins the next one.
 */
import type { AuditEntry } from './entry.ts'

/** One SQL statement holds this many rows at most; SQLite allows 32,766 parameters and a row has ten. */
const MAX_BATCH = 500

export interface AuditLog {
  /** Resolves when the entry is durable; rejects when it is not. */
  append(entry: AuditEntry): Promise<void>
  /** True from a write that failed to the next one that succeeds. */
  isBroken(): boolean
}

interface Waiting {
  readonly entry: AuditEntry
  readonly done: () => void
  readonly failed: (cause: unknown) => void
}

export function auditLog(write: (entries: readonly AuditEntry[]) => Promise<void>): AuditLog {
  let waiting: Waiting[] = []
  let running = false
  let broken = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      try {
        await write(batch.map(({ entry }) => entry))
        broken = false
        for (const { done } of batch) done()
      } catch (cause) {
        broken = true
        for (const { failed } of batch) failed(cause)
      }
    }
    running = false
  }

  return {
    isBroken: () => broken,
    append: (entry) =>
      new Promise((done, failed) => {
        waiting.push({ entry, done, failed })
        if (running) return
        running = true
        // Calls that arrive in the same turn of the event loop share the batch.
        setImmediate(() => void drain())
      }),
  }
}
