/**
 * @module
 * One account at the gate: its line, in ticket order, and its quotas. A call counts against the account as a whole and
 * against the quotas that its tool's answers have named; a tool not heard of yet may count against any.
 */
import { Bucket, type Pass } from './bucket.ts'

export interface Waiter {
  readonly ticket: number
  readonly tool: string
  readonly jitterMs: number
  readonly maxConcurrent: number
  readonly admit: (inside: Inside) => void
  readonly refuse: (retryAfterMs: number) => void
  readonly notify: () => void
}

/** A request under way. */
export interface Inside {
  readonly tool: string
  readonly sentAt: number
  readonly passes: Pass[]
}

/** The account as a whole, whatever the quota. */
export const WHOLE = ''
/** Names come from a server; more of them than this are not told apart. */
const MOST_BUCKETS = 16
const MOST_TOOLS = 512

export class Lane {
  readonly account: string
  readonly inside = new Set<Inside>()
  /** In ticket order. */
  readonly queue: Waiter[] = []
  alarm: { readonly at: number; readonly cancel: AbortController } | undefined
  readonly whole = new Bucket(WHOLE)
  readonly #named = new Map<string, Bucket>()
  readonly #tools = new Map<string, ReadonlySet<string>>()
  readonly #equip: (bucket: Bucket) => void

  constructor(account: string, equip: (bucket: Bucket) => void) {
    this.account = account
    this.#equip = equip
    equip(this.whole)
  }

  get inFlight(): number {
    return this.inside.size
  }

  get buckets(): readonly Bucket[] {
    return [this.whole, ...this.#named.values()]
  }

  bucket(name: string | undefined): Bucket {
    if (name === undefined || name === WHOLE) return this.whole
    const known = this.#named.get(name)
    if (known) return known
    if (this.#named.size >= MOST_BUCKETS) return this.whole
    const bucket = new Bucket(name)
    this.#named.set(name, bucket)
    this.#equip(bucket)
    // Whoever is under way may count against it as well: better one too many than one that nobody has counted.
    for (const { passes, sentAt } of this.inside) passes.push(bucket.enter(sentAt))
    return bucket
  }

  /** The quotas that a call of `tool` counts against. */
  bucketsOf(tool: string): readonly Bucket[] {
    const names = this.#tools.get(tool)
    return names ? this.buckets.filter(({ name }) => name === WHOLE || names.has(name)) : this.buckets
  }

  learn(tool: string, names: readonly string[]): void {
    if (!this.#tools.has(tool) && this.#tools.size >= MOST_TOOLS) return
    this.#tools.set(tool, new Set([...(this.#tools.get(tool) ?? []), ...names]))
  }

  add(waiter: Waiter): void {
    // Looked for from the end: most come with the newest ticket.
    const before = this.queue.findLastIndex((other) => other.ticket <= waiter.ticket)
    this.queue.splice(before + 1, 0, waiter)
  }

  remove(waiter: Waiter): void {
    const at = this.queue.indexOf(waiter)
    if (at >= 0) this.queue.splice(at, 1)
  }

  /** When the waiter may enter as far as quotas go, and which quota decides. */
  readyAt(waiter: Waiter, now: number, blocked?: ReadonlySet<Bucket>): { at: number; bucket: Bucket } {
    let latest = { at: Number.NEGATIVE_INFINITY, bucket: this.whole }
    for (const bucket of this.bucketsOf(waiter.tool)) {
      if (blocked?.has(bucket)) return { at: Number.POSITIVE_INFINITY, bucket }
      const at = bucket.readyAt(now, this.queue.length, waiter.jitterMs)
      if (at > latest.at) latest = { at, bucket }
    }
    return latest
  }

  idle(now: number): boolean {
    return this.inside.size === 0 && this.queue.length === 0 && this.buckets.every((bucket) => bucket.idle(now))
  }
}
