/**
 * @module
 * One gate per process, one queue per connected account and in it one bucket per quota: all branches, agents and graphs of
 * an account share its limits.
 *
 * Places are given in the order of tickets. A refusal closes its bucket for all callers at once; when the time is over, one
 * request goes ahead, a random moment late so that processes do not return together, and each answer lets more follow.
 * What answers say about the quota paces the others before anything is refused. Waiting holds no slot.
 */
import { AccountQueue, type InFlightCall, type Waiter, WHOLE_ACCOUNT } from './gate/account-queue.ts'
import type { Bucket } from './gate/bucket.ts'
import type { BucketObservation, Departure, EnterOptions, Entry, RateGateOptions, WaitReason } from './gate/entry.ts'
import type { GateEvent } from './gate/gate-event.ts'
import type { GateStore } from './gate/gate-store.ts'
import { SharedPermits } from './gate/shared-permits.ts'
import { type Clock, systemClock } from './time/clock.ts'

const DEFAULT_CONCURRENT = 5
const DEFAULT_JITTER_MS = 1000
/** No hold is longer, whatever a caller asks for. */
const MAX_HOLD_MS = 300_000
/** Above this many queues, idle ones are forgotten. */
const MANY_QUEUES = 1000

/**
 * @example
 * ```ts
 * const gate = new RateGate() // one per process, handed to everything that touches the accounts
 * const shared = new RateGate({ store: sqliteGateStore('gate.db') }) // one quota for all processes of a machine
 * ```
 */
export class RateGate {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #store: GateStore | undefined
  readonly #onEvent: ((event: GateEvent) => void) | undefined
  readonly #queues = new Map<string, AccountQueue>()
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
    const queue = this.#queueOf(account)
    return new Promise((resolve) => {
      const abort = () => {
        queue.remove(waiter)
        settle({ ok: false, reason: 'aborted' })
        this.#pump(queue)
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
        admit: (call) => settle({ ok: true, leave: this.#leave(queue, call) }),
        refuse: (retryAfterMs) => settle({ ok: false, reason: 'refused', retryAfterMs }),
        notify: () => options.onWait?.({ account, ...this.#why(queue, waiter) }),
      }
      signal?.addEventListener('abort', abort, { once: true })
      queue.add(waiter)
      this.#pump(queue)
      if (queue.waiting.includes(waiter)) waiter.notify()
    })
  }

  /**
   * Closes the account, or one quota of it, for `ms` milliseconds (at most five minutes). It never shortens a longer
   * hold.
   */
  hold(account: string, ms: number, bucket: string = WHOLE_ACCOUNT): void {
    const queue = this.#queueOf(account)
    const of = queue.bucket(bucket)
    const forMs = Math.min(Math.max(0, ms), MAX_HOLD_MS)
    of.window.refused(forMs, this.#clock.now())
    if (this.#close(queue, of, forMs) && forMs > 0) of.shared?.hold(forMs)
  }

  /** For `forMs`, everyone on the account or quota is told at once to come back in `retryAfterMs`; then one may ask. */
  refuse(account: string, retryAfterMs: number, forMs: number, bucket: string = WHOLE_ACCOUNT): void {
    const queue = this.#queueOf(account)
    const now = this.#clock.now()
    queue.bucket(bucket).refusal = { until: now + Math.min(forMs, MAX_HOLD_MS), retryAt: now + retryAfterMs }
    this.#pump(queue)
  }

  /** What is known about a quota from elsewhere. At 0 left, calls that count against it wait for the window to end. */
  observe(account: string, quota: BucketObservation): void {
    const queue = this.#queueOf(account)
    const now = this.#clock.now()
    queue.bucket(quota.bucket).window.observe(quota, now, now)
    this.#pump(queue)
  }

  /** Milliseconds until the account's last closed quota is open, or those of one tool; 0 when all are. */
  opensInMs(account: string, tool?: string): number {
    const queue = this.#queues.get(account)
    if (!queue) return 0
    const now = this.#clock.now()
    const buckets = tool === undefined ? queue.buckets : queue.bucketsOf(tool)
    return Math.max(0, ...buckets.map((bucket) => bucket.closedUntil(now) - now))
  }

  /** For people who look: who is in, who waits. */
  state(account: string): { readonly inFlight: number; readonly waiting: number; readonly opensInMs: number } {
    const queue = this.#queues.get(account)
    return {
      inFlight: queue?.inFlight ?? 0,
      waiting: queue?.waiting.length ?? 0,
      opensInMs: this.opensInMs(account),
    }
  }

  #close(queue: AccountQueue, bucket: Bucket, ms: number): boolean {
    const now = this.#clock.now()
    if (!bucket.hold(now + ms, now)) return false
    this.#emit({ type: 'held', account: queue.account, bucket: bucket.name, ms })
    this.#pump(queue)
    for (const waiter of [...queue.waiting]) {
      if (queue.bucketsOf(waiter.tool).includes(bucket)) waiter.notify()
    }
    return true
  }

  /** Lets calls in, in the order of tickets: none overtakes an older one that waits for the same quota. */
  #pump(queue: AccountQueue): void {
    const now = this.#clock.now()
    this.#turnAway(queue, now)
    const blocked = new Set<Bucket>()
    let wakeAt = Number.POSITIVE_INFINITY
    for (let nth = 0; nth < queue.waiting.length; ) {
      const waiter = queue.waiting[nth]
      if (!waiter || queue.inFlight >= waiter.maxConcurrent || blocked.has(queue.whole)) break
      const { at, bucket } = queue.readyAt(waiter, now, blocked)
      if (at > now) {
        blocked.add(bucket)
        wakeAt = Math.min(wakeAt, at)
        nth += 1
        continue
      }
      queue.remove(waiter)
      const buckets = queue.bucketsOf(waiter.tool)
      for (const each of buckets) {
        if (each.opening) this.#emit({ type: 'probing', account: queue.account, bucket: each.name })
      }
      const call = { tool: waiter.tool, sentAt: now, reservations: buckets.map((each) => each.enter(now)) }
      queue.calls.add(call)
      waiter.admit(call)
    }
    this.#setAlarm(queue, wakeAt, now)
  }

  #turnAway(queue: AccountQueue, now: number): void {
    for (const bucket of queue.buckets) {
      if (bucket.refusal && bucket.refusal.until <= now) bucket.refusal = undefined
      const { refusal } = bucket
      if (!refusal) continue
      for (const waiter of queue.waiting.filter(({ tool }) => queue.bucketsOf(tool).includes(bucket))) {
        queue.remove(waiter)
        waiter.refuse(Math.max(0, refusal.retryAt - now))
      }
    }
  }

  #leave(queue: AccountQueue, call: InFlightCall): (departure?: Departure) => void {
    const { tool, reservations, sentAt } = call
    return ({ refused = false, answered = false, quotas = [] } = {}) => {
      if (!queue.calls.has(call)) return
      const now = this.#clock.now()
      const observations = quotas.map((observation) => ({ observation, bucket: queue.bucket(observation.bucket) }))
      const names = quotas.flatMap(({ bucket }) => (bucket === undefined ? [] : [bucket]))
      if (answered || names.length > 0) queue.learn(tool, names)
      const own = queue.bucketsOf(tool)
      queue.calls.delete(call)
      for (const reservation of reservations) {
        const counted = !refused && own.includes(reservation.bucket)
        if (reservation.bucket.leave(reservation, now, counted, refused, queue.waiting.length)) {
          this.#emit({ type: 'open', account: queue.account, bucket: reservation.bucket.name })
        }
      }
      for (const { observation, bucket } of observations) {
        const entered = reservations.some((reservation) => reservation.bucket === bucket)
        // The tool's first answer that names a quota: the request has counted there as well.
        if (!entered && !refused) bucket.window.answered(bucket.window.send(sentAt), now, true)
        bucket.window.observe(observation, sentAt, now, refused)
      }
      this.#pump(queue)
    }
  }

  /** Those who wait for an answer are woken by `leave`; those who wait for a time are woken by the alarm. */
  #setAlarm(queue: AccountQueue, at: number, now: number): void {
    if (queue.alarm && queue.alarm.at === at) return
    queue.alarm?.cancel.abort()
    queue.alarm = undefined
    if (!Number.isFinite(at)) return
    const cancel = new AbortController()
    queue.alarm = { at, cancel }
    this.#clock.sleep(at - now, cancel.signal).then(
      () => {
        if (queue.alarm?.cancel === cancel) queue.alarm = undefined
        this.#pump(queue)
      },
      () => undefined,
    )
  }

  #why(queue: AccountQueue, waiter: Waiter): { reason: WaitReason; waitMs: number } {
    const now = this.#clock.now()
    const buckets = queue.bucketsOf(waiter.tool)
    const held = buckets.filter((bucket) => bucket.heldUntil > now || bucket.opening)
    if (held.length > 0) {
      const until = Math.max(...held.map(({ heldUntil }) => heldUntil))
      return { reason: 'rate_limited', waitMs: Math.max(0, until + waiter.jitterMs - now) }
    }
    const waitMs = Math.max(0, ...buckets.map((bucket) => bucket.closedUntil(now) - now))
    return { reason: waitMs > 0 ? 'paced' : 'concurrency', waitMs }
  }

  #queueOf(account: string): AccountQueue {
    const known = this.#queues.get(account)
    if (known) return known
    if (this.#queues.size >= MANY_QUEUES) {
      const now = this.#clock.now()
      for (const [name, queue] of this.#queues) if (queue.idle(now)) this.#queues.delete(name)
    }
    const queue: AccountQueue = new AccountQueue(account, (bucket) => this.#share(account, bucket, () => queue))
    this.#queues.set(account, queue)
    return queue
  }

  #share(account: string, bucket: Bucket, queue: () => AccountQueue): void {
    const store = this.#store
    if (!store) return
    if (bucket.name === WHOLE_ACCOUNT) bucket.startWithOne()
    const about = { account, bucket: bucket.name }
    bucket.shared = new SharedPermits({
      store,
      key: JSON.stringify([account, bucket.name]),
      clock: this.#clock,
      wake: () => this.#pump(queue()),
      onHeld: (ms) => this.#close(queue(), bucket, Math.min(ms, MAX_HOLD_MS)),
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
