/**
 * @module
 * For tests only: a clock that stands still until it is told to move.
 */
interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export class TestClock {
  #now = 1_000_000
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal.reason)
      })
    })
  }

  /** Milliseconds until each sleeper wakes, the next one first. */
  sleeping(): number[] {
    return this.#sleepers.map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  /** Moves on by `ms`, waking each sleeper at its own moment. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = Math.max(this.#now, next.at)
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      next.wake()
      await settle()
    }
    this.#now = target
  }
}

/** Lets everything that is ready to run, run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits for real I/O until `condition` holds; a test whose condition never does ends by its own time-out. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
