/**
 * @module
 * One gate per process, one lane per connected account and in it one bucket per quota: all branches, agents and graphs of
 * an account share its limits.
 *
 * Places are given in the order of tickets. A refusal closes its bucket for everybody at once; when the time is over, one
 * request goes ahead, a random moment late so that processes do not return together, and each answer lets more follow.
 * What answers say about the quota paces the others before anything is refused. Waiting holds no slot.
 */

import type { Bucket } from './gate/bucket.ts'
import type { BucketFacts, Departure, EnterOptions, Entry, RateGateOptions, WaitReason } from './gate/entry.ts'
import type { GateEvent } from './gate/gate-event.ts'
import type { GateStore } from './gate/gate-store.ts'
import { type Inside, Lane, type Waiter, WHOLE } from './gate/lane.ts'
import { SharedPermits } from './gate/shared-permits.ts'
import { type Clock, systemClock } from './time/clock.ts'

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
 * const shared = new RateGate({ store: sqliteGateStore('gate.db') }) // one budget for all processes of a machine
 * ```
 */
export class RateGate {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #store: GateStore | undefined
  readonly #onEvent: ((event: GateEvent) => void) | undefined
  readonly #lanes = new Map<string, Lane>()
  #tickets = 0

  constructor(options: RateGateOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#store = options.store
    this.#onEvent = options.onEvent
  }

  /** The next place in line; keep it to come back to the same place after a refusal. */
  ticket(): number {
    this.#tickets += 1
    return this.#tickets
  }

  /** Waits for a place. Never rejects: being aborted or refused is an answer. */
  enter(account: string, options: EnterOptions = {}): Promise<Entry> {
    const { signal, tool = '' } = options
    if (signal?.aborted) return Promise.resolve({ ok: false, reason: 'aborted' })
    const lane = this.#lane(account)
    return new Promise((resolve) => {
      const abort = () => {
        lane.remove(waiter)
        settle({ ok: false, reason: 'aborted' })
        this.#pump(lane)
      }
      const settle = (entry: Entry) => {
        signal?.removeEventListener('abort', abort)
        resolve(entry)
      }
      const waiter: Waiter = {
        tool,
        ticket: options.ticket ?? this.ticket(),
        jitterMs: options.jitterMs ?? this.#random() * DEFAULT_JITTER_MS,
        maxConcurrent: options.maxConcurrent ?? DEFAULT_CONCURRENT,
        admit: (inside) => settle({ ok: true, leave: this.#leave(lane, inside) }),
        refuse: (retryAfterMs) => settle({ ok: false, reason: 'refused', retryAfterMs }),
        notify: () => options.onWait?.({ account, ...this.#why(lane, waiter) }),
      }
      signal?.addEventListener('abort', abort, { once: true })
      lane.add(waiter)
      this.#pump(lane)
      if (lane.queue.includes(waiter)) waiter.notify()
    })
  }

  /**
   * Closes the account, or one quota of it, for `ms` milliseconds (at most five minutes). It never shortens a longer
   * hold.
   */
  hold(account: string, ms: number, bucket: string = WHOLE): void {
    const lane = this.#lane(account)
    const of = lane.bucket(bucket)
    const forMs = Math.min(Math.max(0, ms), MAX_HOLD_MS)
    of.window.refused(forMs, this.#clock.now())
    if (this.#close(lane, of, forMs) && forMs > 0) of.shared?.hold(forMs)
  }

  /** For `forMs`, everyone on the account or quota is told at once to come back in `retryAfterMs`; then one may ask. */
  refuse(account: string, retryAfterMs: number, forMs: number, bucket: string = WHOLE): void {
    const lane = this.#lane(account)
    const now = this.#clock.now()
    lane.bucket(bucket).refusal = { until: now + Math.min(forMs, MAX_HOLD_MS), retryAt: now + retryAfterMs }
    this.#pump(lane)
  }

  /** What is known about a quota from elsewhere. At 0 left, whoever counts against it waits for the window to end. */
  observe(account: string, quota: BucketFacts): void {
    const lane = this.#lane(account)
    const now = this.#clock.now()
    lane.bucket(quota.bucket).window.told(quota, now, now)
    this.#pump(lane)
  }

  /** Milliseconds until the account's last closed quota is open, or those of one tool; 0 when all are. */
  opensInMs(account: string, tool?: string): number {
    const lane = this.#lanes.get(account)
    if (!lane) return 0
    const now = this.#clock.now()
    const buckets = tool === undefined ? lane.buckets : lane.bucketsOf(tool)
    return Math.max(0, ...buckets.map((bucket) => bucket.closedUntil(now) - now))
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

  #close(lane: Lane, bucket: Bucket, ms: number): boolean {
    const now = this.#clock.now()
    if (!bucket.hold(now + ms, now)) return false
    this.#emit({ type: 'held', account: lane.account, bucket: bucket.name, ms })
    this.#pump(lane)
    for (const waiter of [...lane.queue]) {
      if (lane.bucketsOf(waiter.tool).includes(bucket)) waiter.notify()
    }
    return true
  }

  /** Lets in whoever may, in the order of tickets: nobody overtakes an older one who waits for the same. */
  #pump(lane: Lane): void {
    const now = this.#clock.now()
    this.#turnAway(lane, now)
    const blocked = new Set<Bucket>()
    let wakeAt = Number.POSITIVE_INFINITY
    for (let nth = 0; nth < lane.queue.length; ) {
      const waiter = lane.queue[nth]
      if (!waiter || lane.inFlight >= waiter.maxConcurrent || blocked.has(lane.whole)) break
      const { at, bucket } = lane.readyAt(waiter, now, blocked)
      if (at > now) {
        blocked.add(bucket)
        wakeAt = Math.min(wakeAt, at)
        nth += 1
        continue
      }
      lane.remove(waiter)
      const buckets = lane.bucketsOf(waiter.tool)
      for (const each of buckets) {
        if (each.opening) this.#emit({ type: 'probing', account: lane.account, bucket: each.name })
      }
      const inside = { tool: waiter.tool, sentAt: now, passes: buckets.map((each) => each.enter(now)) }
      lane.inside.add(inside)
      waiter.admit(inside)
    }
    this.#setAlarm(lane, wakeAt, now)
  }

  #turnAway(lane: Lane, now: number): void {
    for (const bucket of lane.buckets) {
      if (bucket.refusal && bucket.refusal.until <= now) bucket.refusal = undefined
      const { refusal } = bucket
      if (!refusal) continue
      for (const waiter of lane.queue.filter(({ tool }) => lane.bucketsOf(tool).includes(bucket))) {
        lane.remove(waiter)
        waiter.refuse(Math.max(0, refusal.retryAt - now))
      }
    }
  }

  #leave(lane: Lane, inside: Inside): (departure?: Departure) => void {
    const { tool, passes, sentAt } = inside
    return ({ refused = false, answered = false, quotas = [] } = {}) => {
      if (!lane.inside.has(inside)) return
      const now = this.#clock.now()
      const told = quotas.map((facts) => ({ facts, bucket: lane.bucket(facts.bucket) }))
      const names = quotas.flatMap(({ bucket }) => (bucket === undefined ? [] : [bucket]))
      if (answered || names.length > 0) lane.learn(tool, names)
      const own = lane.bucketsOf(tool)
      lane.inside.delete(inside)
      for (const pass of passes) {
        const counted = !refused && own.includes(pass.bucket)
        if (pass.bucket.leave(pass, now, counted, refused, lane.queue.length)) {
          this.#emit({ type: 'open', account: lane.account, bucket: pass.bucket.name })
        }
      }
      for (const { facts, bucket } of told) {
        const entered = passes.some((pass) => pass.bucket === bucket)
        // The tool's first answer that names a quota: the request has counted there as well.
        if (!entered && !refused) bucket.window.answered(bucket.window.send(sentAt), now, true)
        bucket.window.told(facts, sentAt, now, refused)
      }
      this.#pump(lane)
    }
  }

  /** Those who wait for an answer are woken by `leave`; those who wait for a time are woken by the alarm. */
  #setAlarm(lane: Lane, at: number, now: number): void {
    if (lane.alarm && lane.alarm.at === at) return
    lane.alarm?.cancel.abort()
    lane.alarm = undefined
    if (!Number.isFinite(at)) return
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
    const buckets = lane.bucketsOf(waiter.tool)
    const held = buckets.filter((bucket) => bucket.heldUntil > now || bucket.opening)
    if (held.length > 0) {
      const until = Math.max(...held.map(({ heldUntil }) => heldUntil))
      return { reason: 'rate_limited', waitMs: Math.max(0, until + waiter.jitterMs - now) }
    }
    const waitMs = Math.max(0, ...buckets.map((bucket) => bucket.closedUntil(now) - now))
    return { reason: waitMs > 0 ? 'paced' : 'concurrency', waitMs }
  }

  #lane(account: string): Lane {
    const known = this.#lanes.get(account)
    if (known) return known
    if (this.#lanes.size >= MANY_LANES) {
      const now = this.#clock.now()
      for (const [name, lane] of this.#lanes) if (lane.idle(now)) this.#lanes.delete(name)
    }
    const lane: Lane = new Lane(account, (bucket) => this.#share(account, bucket, () => lane))
    this.#lanes.set(account, lane)
    return lane
  }

  #share(account: string, bucket: Bucket, lane: () => Lane): void {
    const store = this.#store
    if (!store) return
    if (bucket.name === WHOLE) bucket.startWithOne()
    const about = { account, bucket: bucket.name }
    bucket.shared = new SharedPermits({
      store,
      key: JSON.stringify([account, bucket.name]),
      clock: this.#clock,
      wake: () => this.#pump(lane()),
      onHeld: (ms) => this.#close(lane(), bucket, Math.min(ms, MAX_HOLD_MS)),
      onStore: (works, message) =>
        this.#emit(works ? { type: 'store_back', ...about } : { type: 'store_failed', ...about, message }),
    })
  }

  #emit(event: GateEvent): void {
    try {
      this.#onEvent?.(event)
    } catch {
      // A broken display must not break the call.
    }
  }
}
