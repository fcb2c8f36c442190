/**
 * @module
 * A limit in time for work that may never end by itself, in the shape of `deadline` and `abortable` of `@std/async`.
 */
import type { Clock } from './clock.ts'

/** What a {@link deadline} is measured by. */
export interface DeadlineOptions {
  readonly clock: Clock
  /** Ends the work as well. */
  readonly signal?: AbortSignal
}

/** The work took longer than its deadline. It was told to stop and left to itself. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
}

/**
 * What comes of `work`, which is not waited for beyond `ms` milliseconds or the abort of `signal`, whether or not it heeds the
 * signal that it gets.
 *
 * @throws DeadlineExceeded after `ms` milliseconds; the signal's reason when it is aborted first; what `work` throws.
 */
export async function deadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  { clock, signal }: DeadlineOptions,
): Promise<T> {
  const settled = new AbortController()
  const late = new AbortController()
  const ends = signal ? AbortSignal.any([signal, late.signal]) : late.signal
  clock.sleep(ms, settled.signal).then(
    () => late.abort(new DeadlineExceeded(`Cannot wait longer than ${ms} ms for the answer`)),
    () => undefined,
  )
  try {
    return await abortable(work(ends), ends)
  } finally {
    settled.abort()
  }
}

/** What comes of `work`, or a rejection with the signal's reason when the signal is aborted first. The work is left to itself. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
