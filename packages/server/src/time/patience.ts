/**
 * @module
 * How long a call waits for this server's own store: one time in all, from its arrival, whatever the steps on the way
 * are and however many. A store that works but has much to do is waited for longer; one that does nothing is not. What
 * the system takes is not counted; from its answer on, the time begins anew.
 */

/** A refusal that says why must reach the caller within two seconds; half a second is left for the way there. */
export const PATIENCE_MS = 1_500
/** However well a store works: after this, and the system's time, agents have given up. */
export const LONGEST_MS = 5_000
/** A ring that comes so much later than it was asked for says that this process was kept waiting, not by the store. */
const OWN_LAG_MS = 100
/** What a store has answered meanwhile is read within this time. */
const CATCH_UP_MS = 250

/** Time as a parameter: milliseconds that never jump, and something to be told later. */
export interface Timer {
  now(): number
  /** Calls `ring` once, after `ms`; the result takes that back. */
  after(ms: number, ring: () => void): () => void
}

export const systemTimer: Timer = {
  now: () => performance.now(),
  after(ms, ring) {
    const timeout = setTimeout(ring, ms)
    return () => clearTimeout(timeout)
  },
}

export interface Patience {
  /** Milliseconds that are left; 0 when it is over. */
  left(): number
  /** Once it is over it stays so, whatever happens later. */
  isOver(): boolean
  /** The result of `work`, or of `late` as soon as the patience is over; `work` goes on without being waited for. */
  within<T>(work: Promise<T>, late: () => T): Promise<T>
  /** Waits for somebody else: meanwhile nothing is counted, and afterwards all of the patience is there again. */
  outside<T>(work: () => Promise<T>): Promise<T>
  /** Nobody waits any more. */
  end(): void
}

export interface PatienceOptions {
  /** How long the caller has waited already. */
  readonly waitedMs?: number
  /** When the store was last seen to do what is waited for, by the timer's clock. While that is not long ago, it works. */
  readonly worksAt?: () => number
}

export function patience(timer: Timer, { waitedMs = 0, worksAt }: PatienceOptions = {}): Patience {
  let until = timer.now() + Math.max(0, PATIENCE_MS - waitedMs)
  let latest = timer.now() + Math.max(0, LONGEST_MS - waitedMs)
  let away = 0
  let isOver = false
  let cancel: (() => void) | undefined
  let tell = (): void => {}
  const over = new Promise<void>((resolve) => {
    tell = resolve
  })
  const start = () => {
    cancel = timer.after(Math.max(0, until - timer.now()), () => {
      const more = longer(timer.now(), until, worksAt?.())
      if (more > timer.now() && timer.now() < latest) {
        until = Math.min(more, latest)
        return start()
      }
      isOver = true
      tell()
    })
  }
  start()
  return {
    left: () => (isOver ? 0 : Math.max(0, until - timer.now())),
    isOver: () => isOver,
    within: (work, late) => Promise.race([work, over.then(late)]),
    async outside(work) {
      away += 1
      cancel?.()
      try {
        return await work()
      } finally {
        away -= 1
        if (away === 0 && !isOver) {
          until = timer.now() + PATIENCE_MS
          latest = timer.now() + LONGEST_MS
          start()
        }
      }
    },
    end: () => cancel?.(),
  }
}

/** Until when to wait on, after waiting until `until`; nothing more when that is in the past. */
export function longer(now: number, until: number, worksAt = Number.NEGATIVE_INFINITY): number {
  return Math.max(worksAt + PATIENCE_MS, now - until > OWN_LAG_MS ? now + CATCH_UP_MS : Number.NEGATIVE_INFINITY)
}
