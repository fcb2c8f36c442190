/**
 * @module
 * A limit in time for work that may never end by itself.
 */
import type { Clock } from './clock.ts'

export interface DeadlineOptions {
  readonly clock: Clock
  /** Milliseconds. */
  readonly timeoutMs: number
  /** Ends the work as well. */
  readonly signal?: AbortSignal
}

/** What was thrown, and whether the deadline or the caller's own signal had ended the work by then. */
export interface Cut {
  readonly ok: false
  readonly error: unknown
  readonly timedOut: boolean
  readonly cancelled: boolean
}

/**
 * Starts `work` and does not wait for it beyond the deadline, whether or not it heeds the signal that it gets. It never
 * rejects.
 */
export async function withinDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, timeoutMs, signal }: DeadlineOptions,
): Promise<{ readonly ok: true; readonly value: T } | Cut> {
  const ended = new AbortController()
  const abandon = new AbortController()
  let timedOut = false
  const cut = new Promise<never>((_, reject) => {
    const stop = () => {
      const reason = new DOMException('Cannot wait longer for the answer: the attempt is over', 'AbortError')
      reject(reason)
      abandon.abort(reason)
    }
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true, signal: ended.signal })
    clock.sleep(timeoutMs, ended.signal).then(
      () => {
        timedOut = true
        stop()
      },
      () => undefined,
    )
  })
  try {
    return { ok: true, value: await Promise.race([work(abandon.signal), cut]) }
  } catch (error) {
    return { ok: false, error, timedOut, cancelled: signal?.aborted === true }
  } finally {
    ended.abort()
  }
}
