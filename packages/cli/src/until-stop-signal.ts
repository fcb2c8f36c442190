/**
 * @module
 * Waits for SIGINT or SIGTERM. A later signal ends the process at once, for the case that stopping hangs.
 */

/**
 * A wrapper such as npx forwards the signal that the terminal has already sent to the whole process group, so two signals
 * that arrive together are one request.
 */
const SAME_REQUEST_MS = 1_000

export function untilStopSignal(
  from: Pick<NodeJS.Process, 'on' | 'exit'> = process,
  now: () => number = () => performance.now(),
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    const onSignal = (signal: NodeJS.Signals) => {
      if (askedAt !== undefined && now() - askedAt >= SAME_REQUEST_MS) from.exit(130)
      askedAt ??= now()
      resolve(signal)
    }
    from.on('SIGINT', onSignal)
    from.on('SIGTERM', onSignal)
  })
}
