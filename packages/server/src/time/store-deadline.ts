/**
 * @module
 * How long a call waits for this server's own store: one deadline from its arrival, over all steps on the way. It is
 * extended while the store makes progress, up to {@link MAX_STORE_WAIT_MS}. The time that the connected system takes is
 * not counted; from its answer on, the whole time is available again.
 */
import type { Timer } from './deadline.ts'

/** A refusal that says why must reach the caller within two seconds; half a second is left for the way there. */
export const STORE_TIMEOUT_MS = 1_500
/** However well a store works: after this, and the system's time, agents have given up. */
export const MAX_STORE_WAIT_MS = 5_000
/** A timer that fires so much later than it was set says that this process was kept waiting, not by the store. */
const OWN_LAG_MS = 100
/** What a store has answered meanwhile is read within this time. */
const CATCH_UP_MS = 250

export interface StoreDeadline {
  /** Milliseconds until it expires; 0 once it has. */
  remainingMs(): number
  /** Once expired it stays so, whatever happens later. */
  isExpired(): boolean
  /** The result of `work`, or of `late` as soon as the deadline has passed; `work` goes on without being waited for. */
  within<T>(work: Promise<T>, late: () => T): Promise<T>
  /** Waits for another system: meanwhile nothing is counted, and afterwards the whole time is available again. */
  suspendWhile<T>(work: () => Promise<T>): Promise<T>
  /** Releases the timer. */
  end(): void
}

export interface StoreDeadlineOptions {
  /** {@link STORE_TIMEOUT_MS} when left out. */
  readonly timeoutMs?: number
  /** How long the caller has waited already. */
  readonly waitedMs?: number
  /** When the store last completed such work, by the timer's clock. While that is recent, the deadline is extended. */
  readonly lastProgressAt?: () => number
}

export function storeDeadline(
  timer: Timer,
  { timeoutMs = STORE_TIMEOUT_MS, waitedMs = 0, lastProgressAt }: StoreDeadlineOptions = {},
): StoreDeadline {
  let until = timer.now() + Math.max(0, timeoutMs - waitedMs)
  let latest = timer.now() + Math.max(0, MAX_STORE_WAIT_MS - waitedMs)
  let suspended = 0
  let isExpired = false
  let cancel: (() => void) | undefined
  let expire = (): void => {}
  const expired = new Promise<void>((resolve) => {
    expire = resolve
  })
  const start = () => {
    cancel = timer.after(Math.max(0, until - timer.now()), () => {
      const more = extendedUntil(timer.now(), until, lastProgressAt?.())
      if (more > timer.now() && timer.now() < latest) {
        until = Math.min(more, latest)
        return start()
      }
      isExpired = true
      expire()
    })
  }
  start()
  return {
    remainingMs: () => (isExpired ? 0 : Math.max(0, until - timer.now())),
    isExpired: () => isExpired,
    within: (work, late) => Promise.race([work, expired.then(late)]),
    async suspendWhile(work) {
      suspended += 1
      cancel?.()
      try {
        return await work()
      } finally {
        suspended -= 1
        if (suspended === 0 && !isExpired) {
          until = timer.now() + timeoutMs
          latest = timer.now() + MAX_STORE_WAIT_MS
          start()
        }
      }
    },
    end: () => cancel?.(),
  }
}

/** Until when to wait on, after waiting until `until`; nothing more when that is in the past. */
export function extendedUntil(now: number, until: number, lastProgressAt = Number.NEGATIVE_INFINITY): number {
  return Math.max(
    lastProgressAt + STORE_TIMEOUT_MS,
    now - until > OWN_LAG_MS ? now + CATCH_UP_MS : Number.NEGATIVE_INFINITY,
  )
}
