/**
 * @module
 * One account at the gate: its waiting calls, in ticket order, and its quotas. A call counts against the account as a whole and
 * against the quotas that its tool's answers have named; a tool without an answer yet may count against any.
 */
import { Bucket, type QuotaReservation } from './bucket.ts'

export interface Waiter {
  readonly ticket: number
  readonly tool: string
  readonly jitterMs: number
  readonly maxConcurrent: number
  readonly admit: (call: InFlightCall) => void
  readonly refuse: (retryAfterMs: number) => void
  readonly notify: () => void
}

/** A request under way. */
export interface InFlightCall {
  readonly tool: string
  readonly sentAt: number
  readonly reservations: QuotaReservation[]
}

/** The account as a whole, whatever the quota. */
export const WHOLE_ACCOUNT = ''
/** Names come from a server; more of them than this are not told apart. */
const MAX_BUCKETS = 16
const MAX_TOOLS = 512

export class AccountQueue {
  readonly account: string
  readonly calls = new Set<InFlightCall>()
  /** In ticket order. */
  readonly waiting: Waiter[] = []
  alarm: { readonly at: number; readonly cancel: AbortController } | undefined
  readonly whole = new Bucket(WHOLE_ACCOUNT)
  readonly #named = new Map<string, Bucket>()
  readonly #tools = new Map<string, ReadonlySet<string>>()
  readonly #shareWith: (bucket: Bucket) => void

  constructor(account: string, shareWith: (bucket: Bucket) => void) {
    this.account = account
    this.#shareWith = shareWith
    shareWith(this.whole)
  }

  get inFlight(): number {
    return this.calls.size
  }

  get buckets(): readonly Bucket[] {
    return [this.whole, ...this.#named.values()]
  }

  bucket(name: string | undefined): Bucket {
    if (name === undefined || name === WHOLE_ACCOUNT) return this.whole
    const known = this.#named.get(name)
    if (known) return known
    if (this.#named.size >= MAX_BUCKETS) return this.whole
    const bucket = new Bucket(name)
    this.#named.set(name, bucket)
    this.#shareWith(bucket)
    // A call in flight may count against it as well: better one too many than one that is not counted.
    for (const { reservations, sentAt } of this.calls) reservations.push(bucket.enter(sentAt))
    return bucket
  }

  /** The quotas that a call of `tool` counts against. */
  bucketsOf(tool: string): readonly Bucket[] {
    const names = this.#tools.get(tool)
    return names ? this.buckets.filter(({ name }) => name === WHOLE_ACCOUNT || names.has(name)) : this.buckets
  }

  learn(tool: string, names: readonly string[]): void {
    if (!this.#tools.has(tool) && this.#tools.size >= MAX_TOOLS) return
    this.#tools.set(tool, new Set([...(this.#tools.get(tool) ?? []), ...names]))
  }

  add(waiter: Waiter): void {
    // Looked for from the end: most come with the newest ticket.
    const before = this.waiting.findLastIndex((other) => other.ticket <= waiter.ticket)
    this.waiting.splice(before + 1, 0, waiter)
  }

  remove(waiter: Waiter): void {
    const at = this.waiting.indexOf(waiter)
    if (at >= 0) this.waiting.splice(at, 1)
  }

  /** When the waiter may enter as far as quotas go, and which quota decides. */
  readyAt(waiter: Waiter, now: number, blocked?: ReadonlySet<Bucket>): { at: number; bucket: Bucket } {
    let latest = { at: Number.NEGATIVE_INFINITY, bucket: this.whole }
    for (const bucket of this.bucketsOf(waiter.tool)) {
      if (blocked?.has(bucket)) return { at: Number.POSITIVE_INFINITY, bucket }
      const at = bucket.readyAt(now, this.waiting.length, waiter.jitterMs)
      if (at > latest.at) latest = { at, bucket }
    }
    return latest
  }

  idle(now: number): boolean {
    return this.calls.size === 0 && this.waiting.length === 0 && this.buckets.every((bucket) => bucket.idle(now))
  }
}
