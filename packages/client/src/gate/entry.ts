/**
 * @module
 * What goes in and out at a gate: a call that enters, why it waits, and what a request that has ended reports.
 */
import type { Clock } from '../time/clock.ts'
import type { GateEvent } from './gate-event.ts'
import type { GateStore } from './gate-store.ts'
import type { QuotaObservation } from './quota-window.ts'

/** What a gate works with. Everything is optional. */
export interface RateGateOptions {
  readonly clock?: Clock
  /** A number from 0 up to but not including 1. */
  readonly random?: () => number
  /** Shares the quotas with other processes. When it does not work, the gate goes on without it. */
  readonly store?: GateStore
  readonly onEvent?: (event: GateEvent) => void
}

/** Why a call waits. */
export type WaitReason = 'rate_limited' | 'paced' | 'concurrency'

/** A call waits at the gate. */
export interface WaitNotice {
  readonly account: string
  readonly reason: WaitReason
  /** Expected milliseconds; 0 when it depends on when a running call ends. */
  readonly waitMs: number
}

/** How one request waits at the gate. */
export interface EnterOptions {
  /** Who calls: decides which of the account's quotas the call counts against. */
  readonly tool?: string
  /** Requests in flight per account; the default is 5. */
  readonly maxConcurrent?: number
  /** Milliseconds after the opening of a closed quota, for the call that goes ahead; drawn up to one second when absent. */
  readonly jitterMs?: number
  /** A number from `RateGate.ticket`: a call that comes back keeps its place. */
  readonly ticket?: number
  readonly signal?: AbortSignal
  readonly onWait?: (notice: WaitNotice) => void
}

/** What an answer said about one quota, by the quota's name. */
export interface BucketObservation extends QuotaObservation {
  /** Absent: the account as a whole. */
  readonly bucket?: string
}

/** How a request ended, as far as quotas go. */
export interface Departure {
  /** Refused for quota: it took nothing. */
  readonly refused?: boolean
  /** There was an answer, so the quotas it names are all that the tool counts against. */
  readonly answered?: boolean
  readonly quotas?: readonly BucketObservation[]
}

/** Whether the gate admitted the request. Call `leave` when the request has ended; calling it twice does no harm. */
export type Entry =
  | { readonly ok: true; readonly leave: (departure?: Departure) => void }
  | { readonly ok: false; readonly reason: 'aborted' }
  /** A caller was told to come back much later; asking again now would be a waste. */
  | { readonly ok: false; readonly reason: 'refused'; readonly retryAfterMs: number }
