/**
 * @module
 * So many side by side and no more; who comes later waits in line, first come, first served.
 */

export interface Lanes {
  /**
   * Waits for a lane. False when none is left: do not start.
   *
   * @throws the signal's reason when it is aborted first.
   */
  enter(signal?: AbortSignal): Promise<boolean>
  /** Hands the lane on; `closed` takes it out of use. */
  leave(closed: boolean): void
  /** Nobody is inside or in line. */
  readonly idle: boolean
}

export function lanes(count: number): Lanes {
  let open = count
  let inside = 0
  const line: ((entered: boolean) => void)[] = []
  const enter = async (signal?: AbortSignal) => {
    signal?.throwIfAborted()
    if (open === 0) return false
    if (inside < open) {
      inside += 1
      return true
    }
    return new Promise<boolean>((resolve, reject) => {
      const leaveLine = () => {
        line.splice(line.indexOf(called), 1)
        reject(signal?.reason)
      }
      const called = (entered: boolean) => {
        signal?.removeEventListener('abort', leaveLine)
        resolve(entered)
      }
      line.push(called)
      signal?.addEventListener('abort', leaveLine, { once: true })
    })
  }
  return {
    enter,
    leave(closed) {
      if (closed) open -= 1
      const next = closed ? undefined : line.shift()
      if (next) return next(true)
      inside -= 1
      if (open === 0) for (const waiting of line.splice(0)) waiting(false)
    },
    get idle() {
      return inside === 0 && line.length === 0
    },
  }
}
