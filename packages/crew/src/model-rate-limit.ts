/**
 * @module
 * No more model calls per minute than a crew, or one of its agents, was given: a sliding window, shared by all its runs.
 */
import { type Clock, systemClock } from '@quartermaster/client'

/** `onWait` is told how many milliseconds it will take, when it takes any. */
export type ModelRateLimit = (signal?: AbortSignal, onWait?: (waitMs: number) => void) => Promise<void>

const MINUTE_MS = 60_000

/**
 * Resolves when one more call fits into the last 60 seconds; rejects when the signal is aborted first.
 *
 * @throws RangeError when the rate is not a whole number of at least 1.
 */
export function modelRateLimit(maxRpm: number | undefined, clock: Clock = systemClock): ModelRateLimit {
  if (maxRpm === undefined) return async () => undefined
  if (!Number.isInteger(maxRpm) || maxRpm < 1) {
    throw new RangeError('Cannot pace model calls: maxRpm must be a whole number of at least 1')
  }
  // The moments at which the last calls may start; a call takes its place before it waits for it.
  const starts: number[] = []
  return async (signal, onWait) => {
    signal?.throwIfAborted()
    const now = clock.now()
    const before = starts.length < maxRpm ? undefined : starts.shift()
    const start = before === undefined ? now : Math.max(now, before + MINUTE_MS)
    starts.push(start)
    if (start <= now) return
    onWait?.(start - now)
    await clock.sleep(start - now, signal)
  }
}
