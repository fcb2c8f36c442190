/**
 * @module
 * What one process knows of one counted window between two exchanges with the store: the lease it holds, how it used it,
 * and what answers have said since.
 */
import type { QuotaRule } from '@quartermaster/connectors'
import {
  canSend,
  type HeldPermits,
  isReturnable,
  type LeaseTerms,
  nextDemand,
  permitsToRequest,
} from '@quartermaster/protocol'
import { applyStatedLimits, countOtherClients, type QuotaObservation } from './quota-observation.ts'
import {
  addCalls,
  countedAt,
  expireLeases,
  leasePermits,
  opensAt,
  type PermitLease,
  returnLease,
  type SlotCount,
  usableLimit,
  type WindowLimits,
  type WindowState,
} from './window-state.ts'

/** A proposal for the store, and what to do here once it is stored. */
export interface SyncProposal {
  readonly state: WindowState
  readonly stored: () => void
}

export interface LocalPermits {
  /** As last stored, or declared. */
  readonly window: WindowLimits
  /** A leased permit is left. */
  ready(now: number): boolean
  /** Gives what must be called when the call is over. The system counts it some time before, we do then. */
  take(): EndCall
  /** A call is made without a permit, because the store is away. It is reported later. */
  takeWithoutLease(): EndCall
  recordQuotaHeaders(observed: QuotaObservation): void
  /** The store had no free permits a moment ago. */
  denied(now: number): { readonly opensAt: number; readonly window: WindowLimits } | undefined
  /** How many callers wait for a permit. */
  waiting: number
  /**
   * Milliseconds within which the store should be told that a lease is used up and all its calls have ended, so that its
   * permits are free again as soon as they can be; undefined when there is no such lease.
   */
  reportInMs(): number | undefined
  /** From now on every lease is returned, used up or not. */
  close(): void
  /** Returns ended leases, reports calls, and takes a new lease if a caller waits. */
  syncWithStore(state: WindowState, now: number, newId: () => string): SyncProposal
}

export type EndCall = (now: number) => void

interface HeldLease extends PermitLease, HeldPermits {
  left: number
  inFlight: number
  readonly calls: SlotCount[]
}

/** How long a denial is believed before the store is asked again, as a part of the window. */
const RECHECK_PART = 10
/** Within this part of the window the next exchange has most often reported the last lease along with its own demand. */
const REPORT_PART = 20
const terms: LeaseTerms = { maxPermits: 20, limitParts: 1 }

/** @param share The part of the limit that we may use. */
export function localPermits(counted: NonNullable<QuotaRule['counted']>, share: number): LocalPermits {
  const windowOf = ({
    limit = counted.limit,
    windowMs = counted.windowS * 1_000,
  }: Partial<WindowState>): WindowLimits => {
    return { limit, windowMs, usable: usableLimit(limit, share) }
  }
  const declared = windowOf({})
  let window = declared
  let held: HeldLease | undefined
  /** Used up or ended, and not yet reported: some of their calls are under way. */
  let unreported: readonly HeldLease[] = []
  let unleasedCalls: SlotCount[] = []
  let closing = false
  let observed: QuotaObservation | undefined
  let demand = 1
  let denial: { readonly opensAt: number; readonly until: number } | undefined
  const callAt = (now: number): SlotCount => [countedAt(now, window.windowMs), 1]

  return {
    waiting: 0,
    get window() {
      return window
    },
    ready: (now) => held !== undefined && canSend(held, now),
    take() {
      if (!held) throw new TypeError('take() needs a leased permit')
      const from = held
      from.left -= 1
      from.inFlight += 1
      return (now) => {
        from.inFlight -= 1
        // Too late for its lease, which has been counted as used at its end. It is counted once more, now.
        if (now < from.until) from.calls.push(callAt(now))
        else unleasedCalls.push(callAt(now))
      }
    },
    takeWithoutLease: () => (now) => void unleasedCalls.push(callAt(now)),
    recordQuotaHeaders(observation) {
      observed = observation
      // A lease of a larger window is not used up: the next call asks again.
      if (held && observation.limit !== undefined && observation.limit < window.limit) held.left = 0
    },
    denied: (now) => (denial && now < denial.until ? { opensAt: denial.opensAt, window } : undefined),
    reportInMs() {
      const ended = held && (held.left === 0 || closing) ? [...unreported, held] : unreported
      return ended.some(({ inFlight }) => inFlight === 0) ? window.windowMs / REPORT_PART : undefined
    },
    close() {
      closing = true
    },
    syncWithStore(stored, now, newId) {
      const observation = observed
      const ended = held && (closing || !canSend(held, now)) ? held : undefined
      const waiting = ended ? [...unreported, ended] : unreported
      // A lease that has expired has been counted as used completely; there is nothing more to report.
      const settled = waiting.filter((each) => isReturnable(each, now, false) || now >= each.until)
      const reported = unleasedCalls
      let said = observation ? applyStatedLimits(stored, declared, observation) : stored
      const limits = windowOf(said)
      for (const { id, calls } of settled) said = returnLease(said, limits, id, calls)
      const own = expireLeases(addCalls(said, limits, reported), limits, now)
      const proposed = observation ? countOtherClients(own, limits, observation, now) : own
      // That time has passed need not be stored: every process can tell.
      const news = said !== stored || reported.length > 0 || proposed !== own
      const asks = this.waiting > 0 && (held === undefined || held === ended)
      const wanted = ended ? nextDemand(ended, now, { demand, maxPermits: terms.maxPermits }) : demand
      const want = permitsToRequest({ demand: wanted, waiting: this.waiting, limit: limits.usable }, terms)
      const leased = asks ? leasePermits(proposed, limits, { id: newId(), want, now }) : undefined
      const refused = asks && leased === undefined ? opensAt(proposed, limits, now) : undefined
      return {
        state: leased?.state ?? (news ? proposed : stored),
        stored() {
          window = limits
          if (held === ended) held = leased && { ...leased.lease, left: leased.lease.permits, inFlight: 0, calls: [] }
          unreported = waiting.filter((each) => !settled.includes(each))
          demand = wanted
          unleasedCalls = unleasedCalls.slice(reported.length)
          if (observed === observation) observed = undefined
          const recheckMs = Math.min(1_000, limits.windowMs / RECHECK_PART)
          denial = refused === undefined ? undefined : { opensAt: refused, until: Math.min(refused, now + recheckMs) }
        },
      }
    },
  }
}
