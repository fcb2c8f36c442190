/**
 * @module
 * One quota as an agent sees it: what it has sent, what the answers said is left, and so when the next request may go.
 *
 * A unit counts as taken when its answer arrives, which is later than the vendor took it, so a request that waits for the
 * unit to roll out of the window never comes too early. What the vendor counts beyond our own requests belongs to others.
 */

/** What an answer says about one quota. Unknown numbers are absent. */
export interface QuotaObservation {
  readonly limit?: number
  readonly remaining?: number
  /** Milliseconds until the quota is full again. */
  readonly resetMs?: number
  /** Milliseconds; the length of the window. */
  readonly windowMs?: number
}

/** One request under way; pass it again with its answer. */
export interface SentRequest {
  readonly sentAt: number
  /** When its answer came, and when its unit is free again; infinite while it is under way. */
  takenAt: number
  freeAt: number
}

/** Longer windows are not paced: callers do not wait for them, so their refusal is reported when it comes. */
export const MAX_WINDOW_MS = 300_000
/** More units than this in one window are no burst limit. */
const MAX_UNITS = 5_000
/** Answers may be this late and still be matched with the requests of their time. */
const KEEP_MS = 15_000
/** A limit that was only guessed grows by this share in each window without a refusal. */
const GROWTH = 0.1
/** Fewer requests than this before a refusal say nothing about the limit: others may have used it up. */
const EVIDENCE = 8
/** After so many windows without a refusal a guess is given up. */
const GUESS_WINDOWS = 10
/** So near the end of a window, in units, requests under way hide what others use; looked into once in so many windows. */
const NEAR = 8
const LOOK_EVERY = 10
/**
 * Who counts our requests may count each for longer than we do, by so many of these shares of a window: counts are kept in
 * slots, and Quartermaster's own counts have fifty to a window.
 */
const LAG_SHARE = 0.02
const MIN_LAG = 1
const MAX_LAG = 5
/** One share less after so many windows without a refusal. */
const LAG_WINDOWS = 50

export class QuotaWindow {
  #sent: SentRequest[] = []
  #limit: number | undefined
  #statedMs: number | undefined
  #learnedMs: number | undefined
  #fullAt = Number.NEGATIVE_INFINITY
  /** When an answer last told exactly what others use; undefined while no answer tells what is left. */
  #exactAt: number | undefined
  #others = { count: 0, until: Number.NEGATIVE_INFINITY }
  #refusedSince: number | undefined
  #lag = { steps: MIN_LAG, at: Number.NEGATIVE_INFINITY }
  #guess: { readonly limit: number; readonly growAt: number; readonly until: number } | undefined

  /** Milliseconds, as stated, or the shortest that fits what was seen. */
  get windowMs(): number | undefined {
    return this.#statedMs ?? this.#learnedMs
  }

  get limit(): number | undefined {
    return this.#limit ?? (this.#guess && Math.floor(this.#guess.limit))
  }

  /** How long a unit counts from its answer on, in milliseconds: the window, and what another's count may be behind. */
  get spanMs(): number | undefined {
    return this.windowMs === undefined ? undefined : this.windowMs + this.#lagMs
  }

  /** Requests of ours that still count at `now`, those under way included. */
  used(now: number): number {
    return this.#alive(now).length
  }

  send(now: number): SentRequest {
    const sent: SentRequest = { sentAt: now, takenAt: Number.POSITIVE_INFINITY, freeAt: Number.POSITIVE_INFINITY }
    this.#sent.push(sent)
    return sent
  }

  /** The request has ended. One that was refused took nothing. */
  answered(sent: SentRequest, now: number, counted: boolean): void {
    sent.takenAt = now
    sent.freeAt = this.windowMs === undefined ? Math.max(now, this.#fullAt) : now + this.windowMs
    if (counted) this.#refusedSince = undefined
    else this.#sent = this.#sent.filter((other) => other !== sent)
    this.#forget(now)
  }

  /** Takes in what an answer, perhaps a refusal, said to a request sent at `sentAt`. */
  observe(observation: QuotaObservation, sentAt: number, now: number, refused = false): void {
    const { limit, remaining, resetMs, windowMs } = observation
    if (refused && remaining === 0) this.#fallBehind(now)
    // Everything that may have counted when the vendor looked: never too few, so that others are never imagined.
    const own = this.#sent.filter(({ freeAt }) => freeAt >= sentAt).length
    if (windowMs !== undefined && windowMs > 0 && windowMs !== this.#statedMs) {
      this.#statedMs = windowMs
      for (const sent of this.#sent) sent.freeAt = sent.takenAt + windowMs
    }
    if (resetMs !== undefined) {
      this.#fullAt = now + Math.max(0, resetMs)
      const known = this.windowMs !== undefined
      for (const sent of this.#sent) {
        if (sent.takenAt > now || (!known && sent.freeAt < sentAt)) continue
        sent.freeAt = known ? Math.min(sent.freeAt, this.#fullAt) : this.#fullAt
      }
    }
    if (limit !== undefined && limit > 0) this.#limit = limit
    if (remaining === undefined) return
    if (limit === undefined) {
      this.#limit = remaining + this.#sent.filter(({ takenAt, freeAt }) => takenAt <= now && freeAt > now).length
      return
    }
    this.#learn(limit - remaining, now)
    const lasts = Math.min(resetMs ?? Number.POSITIVE_INFINITY, this.windowMs ?? Number.POSITIVE_INFINITY)
    const until = lasts === Number.POSITIVE_INFINITY ? now : now + lasts
    const count = Math.max(0, limit - remaining - own)
    this.#exactAt ??= Number.NEGATIVE_INFINITY
    const exact = this.#sent.filter(({ takenAt }) => takenAt >= sentAt).length <= 1
    if (exact) this.#exactAt = now
    // Only a request that was alone tells exactly; what others hide for a moment has not gone away.
    if (exact || count >= this.#others.count || this.#others.until <= now) this.#others = { count, until }
  }

  /**
   * A refusal says where the limit is when nothing else does: at what went through in the time it asks to wait. Refusal
   * upon refusal says that the window is longer than it asked to wait.
   */
  refused(resetMs: number, now: number): void {
    if (resetMs <= 0 || resetMs > MAX_WINDOW_MS) return
    const again = this.#refusedSince !== undefined
    this.#refusedSince ??= now
    if (this.#statedMs === undefined) {
      this.#learnedMs = Math.min(MAX_WINDOW_MS, Math.max(this.#learnedMs ?? 0, now + resetMs - this.#refusedSince))
    }
    if (this.#limit !== undefined) return
    if (!again) {
      const passed = this.#sent.filter(({ takenAt }) => takenAt > now - resetMs && takenAt <= now).length
      this.#guess = passed >= EVIDENCE ? { limit: passed, growAt: now, until: now } : undefined
    }
    const until = now + GUESS_WINDOWS * (this.windowMs ?? resetMs)
    if (this.#guess) this.#guess = { ...this.#guess, growAt: now + 2 * resetMs, until }
    for (const sent of this.#sent) sent.freeAt = sent.takenAt + (this.windowMs ?? resetMs)
  }

  /**
   * A refusal although we waited says that the other count is further behind, if our own requests alone can explain it;
   * else others have used the quota. Those refused at the same time say nothing new.
   */
  #fallBehind(now: number): void {
    const { limit, windowMs = 0 } = this
    const { steps, at } = this.#lag
    if (limit === undefined || now - at < windowMs || steps === MAX_LAG) return
    const since = now - windowMs * (1 + LAG_SHARE * MAX_LAG)
    if (this.#sent.filter(({ takenAt }) => takenAt > since && takenAt <= now).length < limit) return
    this.#lag = { steps: steps + 1, at: now }
  }

  get #lagMs(): number {
    return Math.ceil((this.windowMs ?? 0) * LAG_SHARE * this.#lag.steps)
  }

  /** When one more may go: not after `now` when there is room, infinite when only an answer can tell. */
  opensAt(now: number): number {
    this.#grow(now)
    this.#ease(now)
    const { limit, windowMs } = this
    if (limit === undefined || limit > MAX_UNITS || (windowMs ?? 0) > MAX_WINDOW_MS) return now
    if (windowMs === undefined && this.#fullAt <= now) return now
    const alive = this.#alive(now)
    const others = this.#others.until > now ? this.#others.count : 0
    const over = alive.length + others - limit
    if (over < 0) return over >= -NEAR && this.#mustLook(now) ? Number.POSITIVE_INFINITY : now
    const times = alive.map((sent) => this.#freeAt(sent, now))
    times.push(...Array.from({ length: others }, () => this.#others.until))
    times.sort((a, b) => a - b)
    return times[over] ?? this.#fullAt
  }

  /** Near the end of the window it must be known what others have used: then one request goes alone. */
  #mustLook(now: number): boolean {
    if (this.#exactAt === undefined || this.#statedMs === undefined) return false
    const stale = now - this.#exactAt > LOOK_EVERY * this.#statedMs
    return stale && this.#sent.some(({ takenAt }) => takenAt > now)
  }

  /** A guess is tested now and then: what was low for a reason of the moment must not stay low for ever. */
  #grow(now: number): void {
    if (this.#guess && this.#guess.until <= now) this.#guess = undefined
    if (!this.#guess || this.#limit !== undefined || this.#guess.growAt > now) return
    const limit = Math.max(this.#guess.limit + 1, this.#guess.limit * (1 + GROWTH))
    this.#guess = { ...this.#guess, limit, growAt: now + (this.windowMs ?? KEEP_MS) }
  }

  /** How far another's count is behind is tried again, too. */
  #ease(now: number): void {
    const { steps, at } = this.#lag
    if (steps > MIN_LAG && now - at > LAG_WINDOWS * (this.windowMs ?? 0)) this.#lag = { steps: steps - 1, at: now }
  }

  /** Without a window's length, whatever is under way is part of the window that was told of. */
  #freeAt(sent: SentRequest, now: number): number {
    return this.windowMs === undefined && sent.takenAt > now ? this.#fullAt : sent.freeAt + this.#lagMs
  }

  #alive(now: number): SentRequest[] {
    return this.#sent.filter((sent) => this.#freeAt(sent, now) > now)
  }

  /** The vendor counts `counted`; all but as many of our latest have rolled out, which bounds the window from above. */
  #learn(counted: number, now: number): void {
    if (this.#statedMs !== undefined) return
    const ended = this.#sent.filter(({ takenAt }) => takenAt <= now)
    const gone = ended[ended.length - 1 - Math.max(0, counted)]
    if (gone) this.#learnedMs = Math.min(this.#learnedMs ?? Number.POSITIVE_INFINITY, now - gone.sentAt)
  }

  #forget(now: number): void {
    const keep = Math.max(KEEP_MS, this.windowMs ?? 0)
    const first = this.#sent[0]
    if (!first || (first.takenAt > now - 2 * keep && this.#sent.length < 2 * MAX_UNITS)) return
    this.#sent = this.#sent.filter(({ takenAt }) => takenAt > now - keep).slice(-MAX_UNITS)
  }
}
