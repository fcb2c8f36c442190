/**
 * @module
 * Refused calls without a row for each: the first of a kind in a minute is recorded before its answer leaves, the rest of
 * that minute is counted and recorded as one row. So a caller cannot fill the disk by being refused, and no
 * refusal is unseen.
 */
import type { AuditEntry } from '../entities/audit-entry.ts'
import type { AuditLog } from './log.ts'

const WINDOW_MS = 60_000
const MAX_KINDS = 10_000

export interface Refusals {
  /**
   * Resolves when the refusal is recorded, or counted because an equal one of this minute is. Rejects like the log, and
   * as early: whatever must be written for it is written at once.
   */
  note(entry: AuditEntry, withinMs?: number): Promise<void>
  /** Records what has been counted in minutes that are over; all of it when `all`. Returns how many rows. */
  flush(all?: boolean): Promise<number>
}

interface Kind {
  readonly entry: AuditEntry
  readonly window: number
  /** Settles with the row of the first. */
  readonly first: Promise<void>
  more: number
  lastAt: number
}

export function refusals(log: Pick<AuditLog, 'append'>, now: () => number): Refusals {
  const kinds = new Map<string, Kind>()

  async function flush(all = false, withinMs?: number): Promise<number> {
    const current = windowOf(now())
    const over = [...kinds].filter(([, { window }]) => all || window < current)
    for (const [key] of over) kinds.delete(key)
    const counted = over.filter(([, { more }]) => more > 0)
    const written = await Promise.allSettled(counted.map(([, kind]) => log.append(summary(kind), withinMs)))
    const failed = written.flatMap((result, index) => {
      const kept = counted[index]
      return result.status === 'rejected' && kept ? [{ kept, cause: result.reason as unknown }] : []
    })
    for (const { kept } of failed) keep(...kept)
    if (failed[0]) throw failed[0].cause
    return counted.length
  }

  /** A count that could not be written is added to the next one. */
  function keep(key: string, kind: Kind): void {
    const newer = kinds.get(key)
    if (newer) newer.more += kind.more
    else kinds.set(key, kind)
  }

  return {
    flush: (all) => flush(all),
    async note(entry, withinMs) {
      const key = [entry.tenant, entry.serverId, entry.actor, entry.tool, entry.outcome].join('|')
      const known = kinds.get(key)
      if (known && known.window === windowOf(entry.at)) {
        known.more += 1
        known.lastAt = entry.at
        return known.first
      }
      const isFull = kinds.size >= MAX_KINDS
      const earlier = isFull ? flush(true, withinMs) : known && known.more > 0 && log.append(summary(known), withinMs)
      // Named before it is durable, so that a flood of equal ones at once is one row too; taken back when it is not.
      const first = log.append(entry, withinMs)
      const fresh: Kind = { entry, window: windowOf(entry.at), first, more: 0, lastAt: entry.at }
      kinds.set(key, fresh)
      const [counted, named] = await Promise.allSettled([earlier, first])
      if (named.status === 'rejected' && kinds.get(key) === fresh) kinds.delete(key)
      // What a flush could not write it has kept itself.
      if (counted.status === 'rejected' && known && !isFull) keep(key, known)
      for (const each of [counted, named]) if (each.status === 'rejected') throw each.reason
    },
  }
}

function summary({ entry, more, lastAt }: Kind): AuditEntry {
  return { ...entry, requestId: '', at: lastAt, ms: 0, times: more, shape: '', digest: '' }
}

function windowOf(at: number): number {
  return Math.floor(at / WINDOW_MS)
}
