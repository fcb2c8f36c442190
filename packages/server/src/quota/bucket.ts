/**
 * @module
 * One quota window of one account, as all processes see it: what was used when, and which blocks of permits are out.
 * Pure: whoever stores the result of a function only if nothing else was stored meanwhile never lends more than the
 * window admits, in any span of its length.
 */

/** That many calls count as made at this moment, epoch milliseconds. */
export type Use = readonly [at: number, calls: number]

/** Permits in the hands of one process. Until it reports, each counts as used; at the end, at the last moment. */
export interface Block {
  readonly id: string
  readonly permits: number
  /** Nothing is sent from here on, so that the answers are in before `until`. */
  readonly sendUntil: number
  /** Written off from here on. */
  readonly until: number
}

export interface Hold {
  readonly until: number
  /** The system refused a call, or what is left is kept for the customer's other programs. */
  readonly why: 'refused' | 'reserve'
}

export interface Bucket {
  /** As the system last stated them. */
  readonly limit?: number | undefined
  readonly windowMs?: number | undefined
  readonly hold?: Hold | undefined
  /** Oldest first, one entry a slot. */
  readonly used: readonly Use[]
  readonly blocks: readonly Block[]
}

export interface Window {
  /** What the system admits. */
  readonly limit: number
  /** Our part of it. */
  readonly usable: number
  readonly windowMs: number
}

/** Agents' part of a limit, rounded down: at least one call, or none would ever learn more. */
export function usablePart(limit: number, share: number): number {
  return Math.max(1, Math.floor(limit * share))
}

export const emptyBucket: Bucket = { used: [], blocks: [] }

/** Uses are kept in slots of a fiftieth of a window, each rounded up to its end. */
const SLOTS = 50
/** A block ends after this part of a window, so that a dead process costs little and a hold is soon felt. */
const BLOCK_PART = 4
const MOST_PERMITS = 20

export function slotEnd(at: number, windowMs: number): number {
  const slotMs = Math.ceil(windowMs / SLOTS)
  return Math.ceil(at / slotMs) * slotMs
}

/** The bucket as it stands now: ended blocks count as used at their end, what no longer matters is forgotten. */
export function current(bucket: Bucket, { windowMs }: Window, now: number): Bucket {
  const ended = bucket.blocks.filter(({ until }) => until <= now)
  const old = (bucket.used[0]?.[0] ?? now) <= now - 2 * windowMs
  const held = bucket.hold === undefined || bucket.hold.until > now
  if (ended.length === 0 && !old && held) return bucket
  const uses = ended.map(({ until, permits }): Use => [until, permits])
  return {
    ...bucket,
    ...(held ? {} : { hold: undefined }),
    used: merged([...bucket.used, ...uses], windowMs).filter(([at]) => at > now - 2 * windowMs),
    blocks: bucket.blocks.filter(({ until }) => until > now),
  }
}

/** A process reports what it did with its block. After the block's end it is too late: all of it has been counted. */
export function giveBack(bucket: Bucket, { windowMs }: Window, id: string, uses: readonly Use[]): Bucket {
  const blocks = bucket.blocks.filter((block) => block.id !== id)
  if (blocks.length === bucket.blocks.length) return bucket
  return { ...bucket, blocks, used: merged([...bucket.used, ...uses], windowMs) }
}

/** Calls that were made without a permit: ours while the store was away, or another program's. */
export function addUses(bucket: Bucket, { windowMs }: Window, uses: readonly Use[]): Bucket {
  return uses.length === 0 ? bucket : { ...bucket, used: merged([...bucket.used, ...uses], windowMs) }
}

/** Permits that can be lent now. */
export function free(bucket: Bucket, { usable, windowMs }: Window, now: number): number {
  return usable - sum(bucket.used.filter(([at]) => at + windowMs > now)) - out(bucket)
}

/** When the next permit can be lent, as far as is known: blocks that are out may come back earlier. */
export function opensAt(bucket: Bucket, window: Window, now: number): number {
  let lacking = 1 - free(bucket, window, now)
  for (const [at, calls] of bucket.used) {
    if (at + window.windowMs <= now) continue
    lacking -= calls
    if (lacking <= 0) return at + window.windowMs
  }
  const ends = bucket.blocks.map(({ until }) => until)
  return ends.length > 0 ? Math.min(...ends) : now + window.windowMs
}

/** Lends a block: at most `want` permits, at most 20, and what is free, or half of it while others have blocks too. */
export function lend(
  bucket: Bucket,
  window: Window,
  { id, want, now }: { readonly id: string; readonly want: number; readonly now: number },
): { readonly bucket: Bucket; readonly block: Block } | undefined {
  const available = free(bucket, window, now)
  if (available < 1) return undefined
  // The last permits are shared out in small blocks, so that no process starves beside one that hoards them.
  const share = bucket.blocks.length === 0 ? available : Math.max(1, Math.floor(available / 2))
  const permits = Math.min(share, Math.max(1, want), MOST_PERMITS)
  const lastsMs = Math.floor(window.windowMs / BLOCK_PART)
  const block = { id, permits, sendUntil: now + Math.floor(lastsMs / 2), until: now + lastsMs }
  return { bucket: { ...bucket, blocks: [...bucket.blocks, block] }, block }
}

/** Calls that count against the window at this moment or were made after it: an upper bound of ours. */
export function countedSince(bucket: Bucket, at: number): number {
  return sum(bucket.used.filter(([usedAt]) => usedAt > at)) + out(bucket)
}

function out(bucket: Bucket): number {
  return bucket.blocks.reduce((total, { permits }) => total + permits, 0)
}

function sum(uses: readonly Use[]): number {
  return uses.reduce((total, [, calls]) => total + calls, 0)
}

function merged(uses: readonly Use[], windowMs: number): Use[] {
  const slots = new Map<number, number>()
  for (const [at, calls] of uses) {
    const end = slotEnd(at, windowMs)
    slots.set(end, (slots.get(end) ?? 0) + calls)
  }
  return [...slots].sort(([a], [b]) => a - b)
}
