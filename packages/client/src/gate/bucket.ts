/**
 * @module
 * One quota of one account: closed for a time after a refusal, then opened by one request that goes ahead, then wider with
 * each answer; and paced by what is left in its window.
 */
import { QuotaWindow, type SentRequest } from './quota-window.ts'
import type { HeldLease, SharedPermits } from './shared-permits.ts'

/** A request in flight, as the bucket remembers it. */
export interface QuotaReservation {
  readonly bucket: Bucket
  readonly epoch: number
  readonly sent: SentRequest
  readonly lease: HeldLease | undefined
}

/** As many answers side by side after a hold open the bucket for all. */
const OPEN_AT = 8

export class Bucket {
  readonly name: string
  readonly window = new QuotaWindow()
  shared: SharedPermits | undefined
  heldUntil = Number.NEGATIVE_INFINITY
  refusal: { readonly until: number; readonly retryAt: number } | undefined
  /** Requests at once while it opens. */
  #width = Number.POSITIVE_INFINITY
  #inFlight = 0
  #epoch = 0
  #opening = false

  constructor(name: string) {
    this.name = name
  }

  /** One request must go ahead, and none has yet. */
  get opening(): boolean {
    return this.#opening
  }

  /** False when it is already closed for as long. */
  hold(until: number, now: number): boolean {
    if (until < this.heldUntil || (until === this.heldUntil && until > now)) return false
    this.heldUntil = until
    this.#width = 1
    this.#inFlight = 0
    this.#epoch += 1
    this.#opening = true
    return true
  }

  /** When the next may enter; infinite when an answer, or the store, must come first. */
  opensAt(now: number, waiting: number): number {
    if (this.heldUntil > now) return this.heldUntil
    if (this.#inFlight >= this.#width) return Number.POSITIVE_INFINITY
    const { limit, spanMs: windowMs } = this.window
    const shared = this.shared?.opensAt({ limit, windowMs, spent: this.window.used(now) }, waiting, now)
    const at = shared ?? this.window.opensAt(now)
    return this.#opening ? Math.max(this.heldUntil, at) : at
  }

  /** As `opensAt`, without asking anybody: for those who only look. */
  closedUntil(now: number): number {
    const paced = this.window.opensAt(now)
    return Math.max(this.heldUntil, Number.isFinite(paced) ? paced : now)
  }

  /** As after a hold, for an account of which nothing is known yet. */
  startWithOne(): void {
    this.#width = 1
  }

  /** A refusal closes it by rule, so the time the first one waits beyond it is the only random one. */
  readyAt(now: number, waiting: number, jitterMs: number): number {
    const at = this.opensAt(now, waiting)
    return this.#opening ? Math.max(at, this.heldUntil + jitterMs) : at
  }

  enter(now: number): QuotaReservation {
    this.#opening = false
    this.#inFlight += 1
    return { bucket: this, epoch: this.#epoch, sent: this.window.send(now), lease: this.shared?.take(now) }
  }

  /**
   * @param counted Whether the request took a unit of this quota.
   * @param refused Whether it was refused, by whichever quota: then nothing is known to be open.
   * @returns true when this answer has opened the bucket for all.
   */
  leave(reservation: QuotaReservation, now: number, counted: boolean, refused: boolean, waiting: number): boolean {
    this.window.answered(reservation.sent, now, counted)
    const { limit, spanMs: windowMs } = this.window
    const limits = limit === undefined || windowMs === undefined ? undefined : { limit, windowMs }
    this.shared?.ended(reservation.lease, now, waiting, limits)
    if (reservation.epoch !== this.#epoch) return false
    this.#inFlight -= 1
    if (this.#width === Number.POSITIVE_INFINITY || refused) return false
    this.#width = this.#width * 2 >= OPEN_AT ? Number.POSITIVE_INFINITY : this.#width * 2
    return this.#width === Number.POSITIVE_INFINITY
  }

  /** Nothing to remember. */
  idle(now: number): boolean {
    return this.heldUntil <= now && (this.refusal?.until ?? 0) <= now && this.window.used(now) === 0
  }
}
