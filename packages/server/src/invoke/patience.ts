/**
 * @module
 * How long a call waits for this server's own store: one time in all, from its arrival, whatever the steps on the way
 * are and however many. What the system takes is not counted; from its answer on, the time begins anew.
 */

/** A refusal that says why must reach the caller within two seconds; half a second is left for the way there. */
export const PATIENCE_MS = 1_500

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

/** @param waitedMs How long the caller has waited already. */
export function patience(timer: Timer, waitedMs = 0): Patience {
  let until = timer.now() + Math.max(0, PATIENCE_MS - waitedMs)
  let away = 0
  let isOver = false
  let cancel: (() => void) | undefined
  let tell = (): void => {}
  const over = new Promise<void>((resolve) => {
    tell = resolve
  })
  const start = () => {
    cancel = timer.after(Math.max(0, until - timer.now()), () => {
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
          start()
        }
      }
    },
    end: () => cancel?.(),
  }
}
