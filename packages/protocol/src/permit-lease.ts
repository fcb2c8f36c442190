/**
 * @module
 * The arithmetic of permits that several processes lease out of one quota window: how many to ask for and to grant, how
 * long a lease is used, when it is returned, and in which slot a call is counted. The server and the gate of the agent side
 * keep states of their own and follow these rules. Pure; times are milliseconds of one clock.
 */

/** How large a lease may be: large enough to ask rarely, small enough that no process keeps much from the others. */
export interface LeaseTerms {
  readonly maxPermits: number
  /** A lease is at most the limit divided by this, rounded up. */
  readonly limitParts: number
}

/** Permits that one process holds. */
export interface HeldPermits {
  /** Permits that are not used. */
  readonly left: number
  /** Calls that were sent and have not ended. */
  readonly inFlight: number
  /** No call is sent from here on. */
  readonly sendUntil: number
}

/**
 * How many permits to ask for.
 * @param need `demand`: how many were of use lately; `waiting`: callers that wait for one; `limit`: of the window.
 */
export function permitsToRequest(
  { demand = 1, waiting, limit }: { readonly demand?: number; readonly waiting: number; readonly limit: number },
  { maxPermits, limitParts }: LeaseTerms,
): number {
  return Math.min(Math.ceil(limit / limitParts), Math.max(1, demand, waiting), maxPermits)
}

/**
 * How many of the wanted permits to grant.
 * @param window `free`: the limit less what is counted and what is leased; negative after the limit has become lower.
 * `shared`: leave half to other processes, so that none starves beside one that takes the last permits.
 */
export function permitsToGrant(
  want: number,
  { free, shared = false }: { readonly free: number; readonly shared?: boolean },
): number {
  if (free <= 0) return 0
  return Math.max(0, Math.min(want, shared ? Math.max(1, Math.floor(free / 2)) : free))
}

/**
 * When a lease that is never returned expires: then all of it counts as used at that moment. Calls are sent in the first
 * half only, so that their answers are there before.
 */
export function leaseTimes(now: number, lifetimeMs: number): { readonly sendUntil: number; readonly until: number } {
  return { sendUntil: now + Math.floor(lifetimeMs / 2), until: now + lifetimeMs }
}

/** Whether a call may be sent on this lease. */
export function canSend({ left, sendUntil }: HeldPermits, now: number): boolean {
  return left > 0 && now < sendUntil
}

/** Whether to return a lease: none of its calls is in flight, and what is left cannot be used or is not `wanted`. */
export function isReturnable(held: HeldPermits, now: number, wanted: boolean): boolean {
  return held.inFlight === 0 && (!wanted || !canSend(held, now))
}

/**
 * The demand after a lease: a lease that was used up before its time doubles it, another one sets it to what was used.
 */
export function nextDemand(
  { permits, left, sendUntil }: Pick<HeldPermits, 'left' | 'sendUntil'> & { readonly permits: number },
  now: number,
  { demand, maxPermits }: { readonly demand: number; readonly maxPermits: number },
): number {
  if (left === 0 && now < sendUntil) return Math.min(maxPermits, Math.max(demand, 2 * permits))
  return Math.max(1, permits - left)
}

/** The end of the slot that a moment lies in: a call counts there, never too early, so that lists of counts stay short. */
export function slotEnd(at: number, slotMs: number): number {
  return Math.ceil(at / slotMs) * slotMs
}
