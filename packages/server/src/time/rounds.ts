/**
 * @module
 * Work that is looked for again and again: one round after the other, never two at once, until it is stopped.
 */
export interface Rounds {
  /** Begins a round some time after the last one has ended, until {@link Rounds.stop}. Keeps no process alive. */
  start(): void
  /** One round now, after the one under way. Resolves with what it found; 0 when it failed. */
  tick(): Promise<number>
  isStopped(): boolean
  /** Begins no other round. Resolves when none is under way. */
  stop(): Promise<void>
}

export interface RoundsOptions {
  readonly round: () => Promise<number>
  /** Milliseconds between rounds, and up to as many again, so that processes do not keep in step. */
  readonly pauseMs: number
  readonly random: () => number
  readonly onError: (error: unknown) => void
}

export function rounds({ round, pauseMs, random, onError }: RoundsOptions): Rounds {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let ticking: Promise<number> = Promise.resolve(0)

  function tick(): Promise<number> {
    ticking = ticking.then(round).catch((error: unknown) => {
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
