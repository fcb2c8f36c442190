/**
 * @module
 * What a gate asks of a store that several processes share: leases of permits out of one quota window, and holds.
 *
 * All times are lengths, never moments, so that hosts whose clocks differ agree.
 */

/** A lease that is used up, or given back. */
export interface ReturnedLease {
  readonly id: string
  /**
   * Milliseconds since the answer to each request of the lease: its unit rolls out one window after that. What the lease
   * held beyond these is free at once.
   */
  readonly agesMs: readonly number[]
}

/** What a process asks a {@link GateStore} for. */
export interface LeaseRequest {
  /** Permits wanted; 0 only to report. */
  readonly want: number
  /** Units in any `windowMs` milliseconds. */
  readonly limit: number
  readonly windowMs: number
  /** Requests that were sent before the limit was known, for the store to count. */
  readonly spent?: number
  readonly returned?: readonly ReturnedLease[]
}

/** What a {@link GateStore} grants. */
export interface PermitLease {
  /** Names the lease in {@link ReturnedLease}; empty when nothing was granted. */
  readonly id: string
  readonly granted: number
  /** Milliseconds until asking again makes sense, when nothing was granted. */
  readonly waitMs: number
  /** Milliseconds for which a process has closed the quota. */
  readonly heldMs: number
}

/**
 * A store for {@link RateGate}. A function that rejects, or is slow, makes the gate go on without the store; it never
 * makes a call fail.
 */
export interface GateStore {
  /** Takes up to `want` permits of `key`. A lease that is never returned is free again in the end. */
  lease(key: string, request: LeaseRequest): Promise<PermitLease>
  /** Closes `key` for all processes for `ms` milliseconds. It never shortens a longer hold. */
  hold(key: string, ms: number): Promise<void>
  /** Milliseconds for which `key` is still closed. */
  heldMs(key: string): Promise<number>
}
