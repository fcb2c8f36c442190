/**
 * @module
 * Time as a parameter: everything that waits here takes a {@link Clock}, so that a test decides what time it is.
 */

/** What the agent side needs of time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `setTimeout` counts in a signed 32-bit integer; anything longer would fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        },
        Math.min(MAX_TIMER_MS, Math.max(0, ms)),
      )
      signal?.addEventListener('abort', stop, { once: true })
    }),
}
