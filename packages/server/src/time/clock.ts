/**
 * @module
 * Time as a parameter, so that tests decide what time it is and nothing in them sleeps.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Milliseconds since some moment, which no correction of the date moves. `now` serves when it is left out. */
  monotonic?(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  monotonic: () => performance.now(),
}
