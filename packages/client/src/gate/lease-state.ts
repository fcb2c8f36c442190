/**
 * @module
 * The arithmetic of a shared window as a pure function: a state and a question go in, a state and an answer come out.
 */
import type { Lease, LeaseAsk } from './gate-store.ts'

/** A block of permits: its id, its units, when they are free again, and whether its holder has reported it. */
export type Block = readonly [id: string, units: number, freeAt: number, reported: boolean]

/** What is kept of one key. Times are those of the store's own clock, in milliseconds. */
export interface LeaseState {
  readonly heldUntil: number
  readonly blocks: readonly Block[]
}

export const emptyLeaseState: LeaseState = { heldUntil: 0, blocks: [] }

/** A holder that died keeps its block this long beyond the window: the time limit of a call. */
export const LOST_AFTER_MS = 10_000
/** How long to wait for a block whose holder is still at it: it may be reported at any moment. */
export const POLL_MS = 25
/** Reported units are kept in steps of this share of the window, rounded up, so that the list stays short. */
export const STEPS = 200
/** Longer lists, as of a window that has become shorter, are merged at their early end. */
export const MOST_BLOCKS = 500

/** Answers `ask` at the moment `now`. `id` names the block, should one be granted. */
export function leaseFrom(
  state: LeaseState,
  ask: LeaseAsk,
  { now, id }: { readonly now: number; readonly id: string },
): { readonly state: LeaseState; readonly lease: Lease } {
  const { want, limit, windowMs, spent = 0, done = [] } = ask
  const step = Math.max(1, Math.floor(windowMs / STEPS))
  const free = (ageMs: number) => Math.ceil((now - Math.max(0, ageMs) + windowMs) / step) * step
  const ended = new Map(done.map((each) => [each.id, each]))
  const blocks = state.blocks.filter((block) => !ended.has(block[0]) && block[2] > now)
  for (const [blockId, units] of state.blocks) {
    for (const ageMs of (ended.get(blockId)?.agesMs ?? []).slice(0, units)) add(blocks, free(ageMs), 1)
  }
  if (spent > 0) add(blocks, free(0), spent)
  const heldMs = Math.max(0, state.heldUntil - now)
  const taken = blocks.reduce((sum, [, units]) => sum + units, 0)
  const granted = heldMs > 0 ? 0 : Math.max(0, Math.min(want, limit - taken))
  const waits = blocks.map(([, , freeAt, isReported]) => (isReported ? freeAt - now : Math.min(freeAt - now, POLL_MS)))
  const waitMs = granted > 0 ? 0 : Math.max(1, heldMs, Math.min(windowMs, ...waits))
  if (granted > 0) blocks.push([id, granted, now + windowMs + LOST_AFTER_MS, false])
  return {
    state: { heldUntil: state.heldUntil, blocks: merged(blocks) },
    lease: { id: granted > 0 ? id : '', granted, waitMs, heldMs },
  }
}

export function holdFrom(state: LeaseState, ms: number, now: number): LeaseState {
  return { ...state, heldUntil: Math.max(state.heldUntil, now + Math.max(0, ms)) }
}

function add(blocks: Block[], freeAt: number, units: number): void {
  const at = blocks.findIndex((block) => block[3] && block[2] === freeAt)
  const known = blocks[at]
  if (known) blocks[at] = [known[0], known[1] + units, freeAt, true]
  else blocks.push(['', units, freeAt, true])
}

/** The two that are free first become one that is free when the later of them is. */
function merged(blocks: Block[]): readonly Block[] {
  if (blocks.length > MOST_BLOCKS) blocks.sort((a, b) => Number(b[3]) - Number(a[3]) || a[2] - b[2])
  while (blocks.length > MOST_BLOCKS) {
    const [first, second, ...rest] = blocks
    if (!first || !second) return blocks
    const both: Block = [second[0], first[1] + second[1], Math.max(first[2], second[2]), first[3] && second[3]]
    blocks = [both, ...rest]
  }
  return blocks
}
