/**
 * @module
 * One deadline for work that others may be waiting for as well: only the waiting ends, the work goes on. The shape is
 * that of `deadline` in @std/async.
 */

/** Time as a parameter: milliseconds that never jump, and a callback that is called later. */
export interface Timer {
  now(): number
  /** Calls `ring` once, after `ms`; the result cancels that. */
  after(ms: number, ring: () => void): () => void
}

export const systemTimer: Timer = {
  now: () => performance.now(),
  after(ms, ring) {
    const timeout = setTimeout(ring, ms)
    return () => clearTimeout(timeout)
  },
}

export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
  /** How long the work was waited for. */
  readonly ms: number

  constructor(ms: number) {
    super(`Cannot wait any longer: the deadline of ${ms} ms has passed`)
    this.ms = ms
  }
}

export interface DeadlineOptions {
  /** Ends the waiting before the deadline. */
  readonly signal?: AbortSignal | undefined
  /** Default: the machine's. */
  readonly timer?: Pick<Timer, 'after'>
}

/**
 * The result of `work`, unless it takes longer than `ms`.
 * @throws DeadlineExceeded after `ms`; the reason of the signal when that is aborted first; whatever `work` throws.
 */
export async function deadline<T>(
  work: Promise<T>,
  ms: number,
  { signal, timer = systemTimer }: DeadlineOptions = {},
): Promise<T> {
  // A failure after the deadline has no listener here.
  work.catch(() => undefined)
  let stop = (_: unknown): void => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = reject
  })
  const onAbort = () => stop(signal?.reason)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  const cancel = timer.after(ms, () => stop(new DeadlineExceeded(ms)))
  try {
    return await Promise.race([work, stopped])
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
