/**
 * @module
 * A semaphore whose capacity can shrink: so many holders side by side, first come, first served.
 */

export interface Semaphore {
  /**
   * Waits for a permit. False when no permit is in use any more: do not start.
   *
   * @throws the signal's reason when it is aborted first.
   */
  acquire(signal?: AbortSignal): Promise<boolean>
  /** Hands the permit on; `retire` takes it out of use. */
  release(retire: boolean): void
  /** Nobody holds a permit or waits for one. */
  readonly idle: boolean
}

export function semaphore(permits: number): Semaphore {
  let capacity = permits
  let held = 0
  const queue: ((acquired: boolean) => void)[] = []
  const acquire = async (signal?: AbortSignal) => {
    signal?.throwIfAborted()
    if (capacity === 0) return false
    if (held < capacity) {
      held += 1
      return true
    }
    return new Promise<boolean>((resolve, reject) => {
      const leaveQueue = () => {
        queue.splice(queue.indexOf(wake), 1)
        reject(signal?.reason)
      }
      const wake = (acquired: boolean) => {
        signal?.removeEventListener('abort', leaveQueue)
        resolve(acquired)
      }
      queue.push(wake)
      signal?.addEventListener('abort', leaveQueue, { once: true })
    })
  }
  return {
    acquire,
    release(retire) {
      if (retire) capacity -= 1
      const next = retire ? undefined : queue.shift()
      if (next) return next(true)
      held -= 1
      if (capacity === 0) for (const wake of queue.splice(0)) wake(false)
    },
    get idle() {
      return held === 0 && queue.length === 0
    },
  }
}
