/**
 * @module
 * The time one call may take, over everything it waits for: a token, a question about field names, the call itself.
 */
import { UpstreamFault } from '../outbound/upstream.ts'

export interface Budget {
  /** Epoch milliseconds. */
  readonly giveUpAt: number
  readonly now: () => number
  /** The caller's. */
  readonly signal: AbortSignal
}

/** Less than this is not enough to send a request and hear of it. */
const LEAST_MS = 100

/**
 * Milliseconds that are left for a request.
 * @throws UpstreamFault `timeout`, nothing sent, when there are none: a request that cannot be waited for is not sent.
 */
export function timeLeft({ giveUpAt, now }: Budget): number {
  const left = giveUpAt - now()
  if (left < LEAST_MS) throw new UpstreamFault('timeout', false)
  return left
}

/**
 * Waits for work that others may be waiting for as well: when the time is up or the caller hangs up, only the waiting
 * ends, the work goes on.
 * @throws UpstreamFault `timeout` or `cancelled`, nothing sent.
 */
export async function within<T>(budget: Budget, work: Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(timeLeft(budget))
  const stop = AbortSignal.any([budget.signal, deadline])
  let onStop: (() => void) | undefined
  const stopped = new Promise<never>((_, reject) => {
    onStop = () => reject(new UpstreamFault(budget.signal.aborted ? 'cancelled' : 'timeout', false))
    if (stop.aborted) onStop()
    else stop.addEventListener('abort', onStop, { once: true })
  })
  // Whoever waits no longer does not hear of a failure; the others do.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, stopped])
  } finally {
    if (onStop) stop.removeEventListener('abort', onStop)
  }
}
