/**
 * @module
 * One quota window of one account, as all processes see it: what was used when, and which permits are leased.
 * Pure: a process that stores a result only if nothing else was stored meanwhile never leases more than the window
 * admits, in any span of its length.
 */
import { leaseTimes, permitsToGrant, slotEnd } from '@quartermaster/protocol'

/** That many calls count as made at this moment, epoch milliseconds. */
export type SlotCount = readonly [at: number, calls: number]

/** Permits that one process holds. Until it reports, each counts as used; at the end, at the last moment. */
export interface PermitLease {
  readonly id: string
  readonly permits: number
  /** Nothing is sent from here on, so that the answers are in before `until`. */
  readonly sendUntil: number
  /** Written off from here on. */
  readonly until: number
}

export interface Cooldown {
  readonly until: number
  /** The system refused a call, or what is left is kept for the customer's other programs. */
  readonly why: 'refused' | 'reserve'
}

export interface WindowState {
  /** As the system last stated them. */
  readonly limit?: number | undefined
  readonly windowMs?: number | undefined
  readonly cooldown?: Cooldown | undefined
  /** Oldest first, one entry a slot. */
  readonly used: readonly SlotCount[]
  readonly leases: readonly PermitLease[]
}

export interface WindowLimits {
  /** What the system admits. */
  readonly limit: number
  /** Our part of it. */
  readonly usable: number
  readonly windowMs: number
}

/** Agents' part of a limit, rounded down: at least one call, or nothing more would ever be learnt. */
export function usableLimit(limit: number, share: number): number {
  return Math.max(1, Math.floor(limit * share))
}

export const emptyWindow: WindowState = { used: [], leases: [] }

/** Calls are kept in slots of a fiftieth of a window, each rounded up to its end. */
const SLOTS = 50
/** A lease ends after this part of a window, so that a dead process costs little and a cooldown is soon seen. */
const LEASE_PART = 4

/** Where a call at this moment counts. */
export function countedAt(at: number, windowMs: number): number {
  return slotEnd(at, Math.ceil(windowMs / SLOTS))
}

/** The window as it stands now: expired leases count as used at their end, what no longer matters is forgotten. */
export function expireLeases(state: WindowState, { windowMs }: WindowLimits, now: number): WindowState {
  const ended = state.leases.filter(({ until }) => until <= now)
  const old = (state.used[0]?.[0] ?? now) <= now - 2 * windowMs
  const cooling = state.cooldown === undefined || state.cooldown.until > now
  if (ended.length === 0 && !old && cooling) return state
  const calls = ended.map(({ until, permits }): SlotCount => [until, permits])
  return {
    ...state,
    ...(cooling ? {} : { cooldown: undefined }),
    used: merged([...state.used, ...calls], windowMs).filter(([at]) => at > now - 2 * windowMs),
    leases: state.leases.filter(({ until }) => until > now),
  }
}

/** A process reports the calls of its lease. After the lease's end it is too late: all of it has been counted. */
export function returnLease(
  state: WindowState,
  { windowMs }: WindowLimits,
  id: string,
  calls: readonly SlotCount[],
): WindowState {
  const leases = state.leases.filter((lease) => lease.id !== id)
  if (leases.length === state.leases.length) return state
  return { ...state, leases, used: merged([...state.used, ...calls], windowMs) }
}

/** Calls that were made without a permit: ours while the store was away, or another program's. */
export function addCalls(state: WindowState, { windowMs }: WindowLimits, calls: readonly SlotCount[]): WindowState {
  return calls.length === 0 ? state : { ...state, used: merged([...state.used, ...calls], windowMs) }
}

/** Permits that can be leased now. */
export function freePermits(state: WindowState, { usable, windowMs }: WindowLimits, now: number): number {
  return usable - sum(state.used.filter(([at]) => at + windowMs > now)) - leasedPermits(state)
}

/** When the next permit can be leased, as far as is known: leases may be returned earlier. */
export function opensAt(state: WindowState, limits: WindowLimits, now: number): number {
  let lacking = 1 - freePermits(state, limits, now)
  for (const [at, calls] of state.used) {
    if (at + limits.windowMs <= now) continue
    lacking -= calls
    if (lacking <= 0) return at + limits.windowMs
  }
  const ends = state.leases.map(({ until }) => until)
  return ends.length > 0 ? Math.min(...ends) : now + limits.windowMs
}

/** Leases at most `want` permits, and at most what is free, or half of it while others have leases too. */
export function leasePermits(
  state: WindowState,
  limits: WindowLimits,
  { id, want, now }: { readonly id: string; readonly want: number; readonly now: number },
): { readonly state: WindowState; readonly lease: PermitLease } | undefined {
  const permits = permitsToGrant(want, { free: freePermits(state, limits, now), shared: state.leases.length > 0 })
  if (permits === 0) return undefined
  const lease = { id, permits, ...leaseTimes(now, Math.floor(limits.windowMs / LEASE_PART)) }
  return { state: { ...state, leases: [...state.leases, lease] }, lease }
}

/** Calls that count against the window at this moment or were made after it: an upper bound of ours. */
export function countedSince(state: WindowState, at: number): number {
  return sum(state.used.filter(([usedAt]) => usedAt > at)) + leasedPermits(state)
}

function leasedPermits(state: WindowState): number {
  return state.leases.reduce((total, { permits }) => total + permits, 0)
}

function sum(counts: readonly SlotCount[]): number {
  return counts.reduce((total, [, calls]) => total + calls, 0)
}

function merged(counts: readonly SlotCount[], windowMs: number): SlotCount[] {
  const slots = new Map<number, number>()
  for (const [at, calls] of counts) {
    const end = countedAt(at, windowMs)
    slots.set(end, (slots.get(end) ?? 0) + calls)
  }
  return [...slots].sort(([a], [b]) => a - b)
}
