/**
 * @module
 * The time one call may take, over everything it waits for: a token, a question about field names, the call itself.
 */
import { UpstreamFault } from '../outbound/upstream.ts'
import { DeadlineExceeded, deadline } from '../time/deadline.ts'

export interface CallDeadline {
  /** Epoch milliseconds. */
  readonly expiresAt: number
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
export function remainingMs({ expiresAt, now }: CallDeadline): number {
  const left = expiresAt - now()
  if (left < LEAST_MS) throw new UpstreamFault('timeout', false)
  return left
}

/**
 * Waits for work that others may be waiting for as well: when the time is up or the caller hangs up, only the waiting
 * ends, the work goes on.
 * @throws UpstreamFault `timeout` or `cancelled`, nothing sent.
 */
export async function within<T>(call: CallDeadline, work: Promise<T>): Promise<T> {
  const { signal } = call
  try {
    return await deadline(work, remainingMs(call), { signal })
  } catch (error) {
    if (signal.aborted && (error === signal.reason || error instanceof DeadlineExceeded)) {
      throw new UpstreamFault('cancelled', false)
    }
    if (error instanceof DeadlineExceeded) throw new UpstreamFault('timeout', false)
    throw error
  }
}
