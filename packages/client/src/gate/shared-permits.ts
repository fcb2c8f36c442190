/**
 * @module
 * One process's share of a quota window that several processes use: leases from a {@link GateStore}, used up
 * and reported. When the store is slow or broken, this steps aside until it works again; it never holds a call up.
 */
import { canSend, type HeldPermits, isReturnable, type LeaseTerms, permitsToRequest } from '@quartermaster/protocol'
import type { Clock } from '../time/clock.ts'
import { DeadlineExceeded, deadline } from '../time/deadline.ts'
import type { GateStore, LeaseRequest, PermitLease } from './gate-store.ts'

export interface SharedPermitsOptions {
  readonly store: GateStore
  readonly key: string
  readonly clock: Clock
  /** Something has changed: look again. */
  readonly wake: () => void
  /** Another process has closed the quota. */
  readonly onHeld: (ms: number) => void
  readonly onStore: (works: boolean, message: string) => void
}

/** Permits of one lease. */
export interface HeldLease extends HeldPermits {
  readonly id: string
  left: number
  inFlight: number
  /** When each request of it was answered. */
  readonly endedAt: number[]
}

/** A store that takes longer is as good as broken. */
const STORE_TIMEOUT_MS = 500
/** How long a broken store is left alone. */
const REST_MS = 5_000
/** Holds of a quota without known numbers are looked up at most this often. */
const LOOK_EVERY_MS = 250
const terms: LeaseTerms = { maxPermits: 16, limitParts: 40 }
/** Left to those who do not use the store, such as the server's own requests: at first, and more after each refusal. */
const MARGIN_SHARE = 0.01
const MAX_MARGIN = 0.25
/** The margin shrinks by one step after so many windows without a refusal. */
const MARGIN_WINDOWS = 5

export class SharedPermits {
  readonly #options: SharedPermitsOptions
  #held: HeldLease | undefined
  #returned: HeldLease[] = []
  #busy = false
  #works = true
  #again = Number.NEGATIVE_INFINITY
  #reportedSpent = false
  #steps = 1
  #stepAt: number | undefined

  constructor(options: SharedPermitsOptions) {
    this.#options = options
  }

  /** When a permit is there; infinite while one is being fetched; undefined when the store is no help. */
  opensAt(
    window: { readonly limit: number | undefined; readonly windowMs: number | undefined; readonly spent: number },
    waiting: number,
    now: number,
  ): number | undefined {
    const { limit, windowMs } = window
    if (limit === undefined || windowMs === undefined) {
      if (now >= this.#again && !this.#busy) this.#look(now)
      return undefined
    }
    if (this.#works && this.#held && canSend(this.#held, now)) return now
    if (!this.#busy && now >= this.#again) {
      const want = permitsToRequest({ waiting, limit }, terms)
      const spent = this.#reportedSpent ? {} : { spent: window.spent }
      this.#requestLease({ want, limit: limit - this.#margin(limit, windowMs, now), windowMs, ...spent })
    }
    if (!this.#works) return undefined
    return this.#busy ? Number.POSITIVE_INFINITY : this.#again
  }

  take(now: number): HeldLease | undefined {
    const lease = this.#works ? this.#held : undefined
    if (!lease || !canSend(lease, now)) return undefined
    lease.left -= 1
    lease.inFlight += 1
    return lease
  }

  /** A request of the lease has ended. When no call waits, what is left of it is returned. */
  ended(
    lease: HeldLease | undefined,
    now: number,
    waiting: number,
    limits: Omit<LeaseRequest, 'want'> | undefined,
  ): void {
    if (!lease) return
    lease.inFlight -= 1
    lease.endedAt.push(now)
    if (!isReturnable(lease, now, waiting > 0)) return
    if (lease === this.#held) this.#held = undefined
    this.#returned.push(lease)
    if (limits && !this.#busy) this.#requestLease({ ...limits, want: 0 })
  }

  hold(ms: number): void {
    const { store, key, clock } = this.#options
    this.#steps += 1
    this.#stepAt = clock.now()
    this.#guarded(store.hold(key, ms)).then(
      () => undefined,
      (error: unknown) => this.#failed(error),
    )
  }

  #margin(limit: number, windowMs: number, now: number): number {
    this.#stepAt ??= now
    if (this.#steps > 0 && now - this.#stepAt > MARGIN_WINDOWS * windowMs) {
      this.#steps -= 1
      this.#stepAt = now
    }
    return Math.min(Math.ceil(limit * MARGIN_SHARE) * this.#steps, Math.floor(limit * MAX_MARGIN))
  }

  #look(now: number): void {
    const { store, key, onHeld, wake } = this.#options
    this.#busy = true
    this.#again = now + LOOK_EVERY_MS
    this.#guarded(store.heldMs(key))
      .then(
        (ms) => {
          this.#recovered()
          if (ms > 0) onHeld(ms)
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#busy = false
        wake()
      })
  }

  #requestLease(request: LeaseRequest): void {
    const { store, key, clock, onHeld, wake } = this.#options
    const reported = this.#returned.splice(0)
    const now = clock.now()
    const returned = reported.map(({ id, endedAt }) => ({ id, agesMs: endedAt.map((at) => now - at) }))
    this.#busy = true
    this.#guarded(store.lease(key, { ...request, returned }))
      .then(
        (lease) => this.#leased(lease, request, onHeld),
        (error: unknown) => {
          this.#returned.unshift(...reported)
          this.#failed(error)
        },
      )
      .finally(() => {
        this.#busy = false
        wake()
      })
  }

  #leased({ id, granted, waitMs, heldMs }: PermitLease, request: LeaseRequest, onHeld: (ms: number) => void): void {
    this.#recovered()
    if (request.spent !== undefined) this.#reportedSpent = true
    if (heldMs > 0) onHeld(heldMs)
    const now = this.#options.clock.now()
    if (granted > 0) {
      // A lease that is still here has been overtaken by this one; its rest is given back.
      if (this.#held && this.#held.inFlight === 0) this.#returned.push(this.#held)
      this.#held = { id, left: granted, inFlight: 0, sendUntil: Number.POSITIVE_INFINITY, endedAt: [] }
    } else if (request.want > 0) this.#again = now + Math.max(1, waitMs)
  }

  #recovered(): void {
    if (this.#works) return
    this.#works = true
    this.#options.onStore(true, '')
  }

  #failed(error: unknown): void {
    const { clock, onStore } = this.#options
    this.#again = clock.now() + REST_MS
    this.#held = undefined
    if (!this.#works) return
    this.#works = false
    onStore(false, faultName(error))
  }

  /** Ends with the store's answer, or without it when that takes too long. */
  #guarded<T>(asked: Promise<T>): Promise<T> {
    return deadline(() => asked, STORE_TIMEOUT_MS, { clock: this.#options.clock })
  }
}

function faultName(error: unknown): string {
  if (error instanceof DeadlineExceeded) return 'StoreTooSlow'
  return error instanceof Error ? error.name : 'unknown fault'
}
