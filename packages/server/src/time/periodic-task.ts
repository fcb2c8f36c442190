/**
 * @module
 * A task that runs again and again until it is stopped, never twice at once.
 */
export interface PeriodicTask {
  /** Runs some time after the last run has ended, until {@link PeriodicTask.stop}. Keeps no process alive. */
  start(): void
  /** Runs now, after the run under way. Resolves with what it found; 0 when it failed. */
  tick(): Promise<number>
  isStopped(): boolean
  /** Begins no other run. Resolves when none is under way. */
  stop(): Promise<void>
}

export interface PeriodicTaskOptions {
  readonly run: () => Promise<number>
  /** Milliseconds between runs, and up to as many again, so that processes do not keep in step. */
  readonly pauseMs: number
  readonly random: () => number
  readonly onError: (error: unknown) => void
}

export function periodicTask({ run, pauseMs, random, onError }: PeriodicTaskOptions): PeriodicTask {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let ticking: Promise<number> = Promise.resolve(0)

  function tick(): Promise<number> {
    ticking = ticking.then(run).catch((error: unknown) => {
      onError(error)
      return 0
    })
    return ticking
  }

  function start(): void {
    if (stopped) return
    timer = setTimeout(() => void tick().then(start), pauseMs * (1 + random()))
    timer.unref()
  }

  return {
    start,
    tick,
    isStopped: () => stopped,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await ticking
    },
  }
}
