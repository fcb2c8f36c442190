/**
 * @module
 * One gate per process, one lane per connected account: all branches, agents and graphs of an account share its limits.
 *
 * A refusal closes the lane for everybody at once; when it opens, each waiter adds a random share of its own so that
 * they do not return together. Among those whose time has come, the oldest goes first. Waiting holds no slot.
 */
import { type Clock, systemClock } from './clock.ts'

export interface RateGateOptions {
  readonly clock?: Clock
  /** A number from 0 up to but not including 1. */
  readonly random?: () => number
}

/** Why somebody stands in front of a lane. */
export type WaitReason = 'rate_limited' | 'paced' | 'concurrency'

export interface WaitNotice {
  readonly account: string
  readonly reason: WaitReason
  /** Expected milliseconds; 0 when it depends on when a running call ends. */
  readonly waitMs: number
}

export interface EnterOptions {
  /** Requests in flight per account; the default is 5. */
  readonly maxConcurrent?: number
  /** Milliseconds after the opening of a closed lane; drawn up to one second when absent. */
  readonly jitterMs?: number
  /** A number from {@link RateGate.ticket}: a call that comes back keeps its place. */
  readonly ticket?: number
  readonly signal?: AbortSignal
  readonly onWait?: (notice: WaitNotice) => void
}

/** Leave exactly when the request has ended; leaving twice does no harm. */
export type Entry =
  | { readonly ok: true; readonly leave: () => void }
  | { readonly ok: false; readonly reason: 'aborted' }
  /** Somebody was told to come back much later; asking again now would be a waste. */
  | { readonly ok: false; readonly reason: 'refused'; readonly retryAfterMs: number }

interface Waiter {
  readonly ticket: number
  readonly jitterMs: number
  readonly maxConcurrent: number
  readonly settle: (entry: Entry) => void
  readonly notify: () => void
}

interface Lane {
  inFlight: number
  /** In ticket order. */
  queue: Waiter[]
  heldUntil: number
  /** Requests left in the quota's window as far as is known, minus those let in since. */
  left: number
  windowEndsAt: number
  refusal: { readonly until: number; readonly retryAt: number } | undefined
  alarm: { readonly at: number; readonly cancel: AbortController } | undefined
}

const DEFAULT_CONCURRENT = 5
const DEFAULT_JITTER_MS = 1000
/** No hold is longer, whatever a caller asks for. */
const MAX_HOLD_MS = 300_000
/** Above this many lanes, idle ones are forgotten. */
const MANY_LANES = 1000

/**
 * @example
 * ```ts
 * const gate = new RateGate() // one per process, handed to everything that touches the accounts
 * ```
 */
export class RateGate {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #lanes = new Map<string, Lane>()
  #tickets = 0

  constructor(options: RateGateOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
  }

  /** The next place in line; keep it to come back to the same place after a refusal. */
  ticket(): number {
    this.#tickets += 1
    return this.#tickets
  }

  /** Waits for a place. Never rejects: being aborted or refused is an answer. */
  enter(account: string, options: EnterOptions = {}): Promise<Entry> {
    const { signal } = options
    if (signal?.aborted) return Promise.resolve({ ok: false, reason: 'aborted' })
    const lane = this.#lane(account)
    return new Promise((resolve) => {
      const abort = () => {
        lane.queue = lane.queue.filter((other) => other !== waiter)
        waiter.settle({ ok: false, reason: 'aborted' })
        this.#pump(lane)
      }
      const waiter: Waiter = {
        ticket: options.ticket ?? this.ticket(),
        jitterMs: options.jitterMs ?? this.#random() * DEFAULT_JITTER_MS,
        maxConcurrent: options.maxConcurrent ?? DEFAULT_CONCURRENT,
        settle: (entry) => {
          signal?.removeEventListener('abort', abort)
          resolve(entry)
        },
        notify: () => options.onWait?.({ account, ...this.#why(lane, waiter) }),
      }
      signal?.addEventListener('abort', abort, { once: true })
      const behind = lane.queue.findIndex((other) => other.ticket > waiter.ticket)
      lane.queue.splice(behind < 0 ? lane.queue.length : behind, 0, waiter)
      this.#pump(lane)
      if (lane.queue.includes(waiter)) waiter.notify()
    })
  }

  /** Closes the account for `ms` milliseconds (at most five minutes). It never shortens a longer hold. */
  hold(account: string, ms: number): void {
    const lane = this.#lane(account)
    const until = this.#clock.now() + Math.min(Math.max(0, ms), MAX_HOLD_MS)
    if (until <= lane.heldUntil) return
    lane.heldUntil = until
    this.#pump(lane)
    for (const waiter of [...lane.queue]) waiter.notify()
  }

  /** For `forMs`, everyone on the account is told at once to come back in `retryAfterMs`; then one may ask again. */
  refuse(account: string, retryAfterMs: number, forMs: number): void {
    const lane = this.#lane(account)
    const now = this.#clock.now()
    lane.refusal = { until: now + Math.min(forMs, MAX_HOLD_MS), retryAt: now + retryAfterMs }
    this.#pump(lane)
  }

  /** What a successful answer said about the quota. At 0 left, the account waits for the window to end. */
  observe(account: string, quota: { readonly remaining: number; readonly resetMs: number }): void {
    const lane = this.#lane(account)
    lane.windowEndsAt = this.#clock.now() + Math.min(Math.max(0, quota.resetMs), MAX_HOLD_MS)
    // The vendor may not have counted the requests that are still under way.
    lane.left = quota.remaining - lane.inFlight
    this.#pump(lane)
  }

  /** Milliseconds until the account is open, without jitter; 0 when it is. */
  opensInMs(account: string): number {
    const lane = this.#lanes.get(account)
    return lane ? Math.max(0, opensAt(lane) - this.#clock.now()) : 0
  }

  /** For people who look: who is in, who waits. */
  state(account: string): { readonly inFlight: number; readonly waiting: number; readonly opensInMs: number } {
    const lane = this.#lanes.get(account)
    return {
      inFlight: lane?.inFlight ?? 0,
      waiting: lane?.queue.length ?? 0,
      opensInMs: this.opensInMs(account),
    }
  }

  #pump(lane: Lane): void {
    const now = this.#clock.now()
    if (lane.refusal && lane.refusal.until <= now) lane.refusal = undefined
    if (lane.refusal) {
      const entry: Entry = { ok: false, reason: 'refused', retryAfterMs: Math.max(0, lane.refusal.retryAt - now) }
      for (const waiter of lane.queue.splice(0)) waiter.settle(entry)
    }
    for (;;) {
      const next = lane.queue.find((waiter) => readyAt(lane, waiter) <= now)
      // Nobody overtakes the oldest one who is ready, not even with a wider limit: it might never get in.
      if (!next || lane.inFlight >= next.maxConcurrent) break
      lane.queue = lane.queue.filter((other) => other !== next)
      lane.inFlight += 1
      lane.left -= 1
      next.settle({ ok: true, leave: this.#leave(lane) })
    }
    this.#setAlarm(lane, now)
  }

  #leave(lane: Lane): () => void {
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      lane.inFlight -= 1
      this.#pump(lane)
    }
  }

  /** Those who wait for a slot are woken by `leave`; those who wait for a time are woken by the alarm. */
  #setAlarm(lane: Lane, now: number): void {
    const times = lane.queue.map((waiter) => readyAt(lane, waiter)).filter((at) => at > now)
    const at = times.length > 0 ? Math.min(...times) : undefined
    if (lane.alarm && lane.alarm.at === at) return
    lane.alarm?.cancel.abort()
    lane.alarm = undefined
    if (at === undefined) return
    const cancel = new AbortController()
    lane.alarm = { at, cancel }
    this.#clock.sleep(at - now, cancel.signal).then(
      () => {
        if (lane.alarm?.cancel === cancel) lane.alarm = undefined
        this.#pump(lane)
      },
      () => undefined,
    )
  }

  #why(lane: Lane, waiter: Waiter): { reason: WaitReason; waitMs: number } {
    const now = this.#clock.now()
    const waitMs = Math.max(0, readyAt(lane, waiter) - now)
    if (waitMs === 0) return { reason: 'concurrency', waitMs }
    return { reason: lane.heldUntil >= opensAt(lane) ? 'rate_limited' : 'paced', waitMs }
  }

  #lane(account: string): Lane {
    const known = this.#lanes.get(account)
    if (known) return known
    if (this.#lanes.size >= MANY_LANES) this.#forgetIdle()
    const lane: Lane = {
      inFlight: 0,
      queue: [],
      heldUntil: Number.NEGATIVE_INFINITY,
      left: Number.POSITIVE_INFINITY,
      windowEndsAt: Number.NEGATIVE_INFINITY,
      refusal: undefined,
      alarm: undefined,
    }
    this.#lanes.set(account, lane)
    return lane
  }

  #forgetIdle(): void {
    const now = this.#clock.now()
    for (const [account, lane] of this.#lanes) {
      const busy = lane.inFlight > 0 || lane.queue.length > 0
      const closed = Math.max(lane.heldUntil, lane.windowEndsAt, lane.refusal?.until ?? 0) + DEFAULT_JITTER_MS > now
      if (!busy && !closed) this.#lanes.delete(account)
    }
  }
}

function opensAt(lane: Lane): number {
  return lane.left <= 0 ? Math.max(lane.heldUntil, lane.windowEndsAt) : lane.heldUntil
}

function readyAt(lane: Lane, waiter: Waiter): number {
  return opensAt(lane) + waiter.jitterMs
}
