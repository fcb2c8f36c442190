/**
 * @module
 * The arithmetic of a shared window as a pure function: a state and a request go in, a state and a lease come out.
 */
import { leaseTimes, permitsToGrant, slotEnd } from '@quartermaster/protocol'
import type { LeaseRequest, PermitLease } from './gate-store.ts'

/** An entry of a window: a lease, or units that a holder has reported; its id, its units, and when they are free again. */
export type LeaseEntry = readonly [id: string, units: number, freeAt: number, reported: boolean]

/** What is kept of one key. Times are those of the store's own clock, in milliseconds. */
export interface LeaseState {
  readonly heldUntil: number
  readonly blocks: readonly LeaseEntry[]
}

export const emptyLeaseState: LeaseState = { heldUntil: 0, blocks: [] }

/** A holder that died keeps its lease this long beyond the window: the time limit of a call. */
export const LOST_AFTER_MS = 10_000
/** How long to wait for a lease that is in use: it may be returned at any moment. */
export const POLL_MS = 25
/** Reported units are kept in steps of this share of the window, rounded up, so that the list stays short. */
export const STEPS = 200
/** Longer lists, as of a window that has become shorter, are merged at their early end. */
export const MAX_ENTRIES = 500

/** Answers a request at the moment `now`. `id` names the lease, should one be granted. */
export function leasePermits(
  state: LeaseState,
  request: LeaseRequest,
  { now, id }: { readonly now: number; readonly id: string },
): { readonly state: LeaseState; readonly lease: PermitLease } {
  const { want, limit, windowMs, spent = 0, returned = [] } = request
  const step = Math.max(1, Math.floor(windowMs / STEPS))
  const freeAt = (ageMs: number) => slotEnd(now - Math.max(0, ageMs) + windowMs, step)
  const ended = new Map(returned.map((each) => [each.id, each]))
  const entries = state.blocks.filter((entry) => !ended.has(entry[0]) && entry[2] > now)
  for (const [leaseId, units] of state.blocks) {
    for (const ageMs of (ended.get(leaseId)?.agesMs ?? []).slice(0, units)) add(entries, freeAt(ageMs), 1)
  }
  if (spent > 0) add(entries, freeAt(0), spent)
  const heldMs = Math.max(0, state.heldUntil - now)
  const taken = entries.reduce((sum, [, units]) => sum + units, 0)
  const granted = heldMs > 0 ? 0 : permitsToGrant(want, { free: limit - taken })
  const waits = entries.map(([, , at, isReported]) => (isReported ? at - now : Math.min(at - now, POLL_MS)))
  const waitMs = granted > 0 ? 0 : Math.max(1, heldMs, Math.min(windowMs, ...waits))
  if (granted > 0) entries.push([id, granted, leaseTimes(now, LOST_AFTER_MS).until + windowMs, false])
  return {
    state: { heldUntil: state.heldUntil, blocks: merged(entries) },
    lease: { id: granted > 0 ? id : '', granted, waitMs, heldMs },
  }
}

export function holdQuota(state: LeaseState, ms: number, now: number): LeaseState {
  return { ...state, heldUntil: Math.max(state.heldUntil, now + Math.max(0, ms)) }
}

function add(entries: LeaseEntry[], freeAt: number, units: number): void {
  const at = entries.findIndex((entry) => entry[3] && entry[2] === freeAt)
  const known = entries[at]
  if (known) entries[at] = [known[0], known[1] + units, freeAt, true]
  else entries.push(['', units, freeAt, true])
}

/** The two that are free first become one that is free when the later of them is. */
function merged(entries: LeaseEntry[]): readonly LeaseEntry[] {
  if (entries.length > MAX_ENTRIES) entries.sort((a, b) => Number(b[3]) - Number(a[3]) || a[2] - b[2])
  while (entries.length > MAX_ENTRIES) {
    const [first, second, ...rest] = entries
    if (!first || !second) return entries
    const both: LeaseEntry = [second[0], first[1] + second[1], Math.max(first[2], second[2]), first[3] && second[3]]
    entries = [both, ...rest]
  }
  return entries
}
