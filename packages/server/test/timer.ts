/**
 * @module
 * For tests only: a {@link Timer} that stands still until it is told to move.
 */
import type { Timer } from '../src/time/deadline.ts'

export interface TestTimer extends Timer {
  /** Moves on, ringing at each moment that was asked for, and lets what follows from it happen. */
  advance(ms: number): Promise<void>
  /** How many wait to be told. */
  waiting(): number
}

export function testTimer(): TestTimer {
  let now = 5_000
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>()
  return {
    now: () => now,
    after(ms, ring) {
      const alarm = { at: now + ms, ring }
      alarms.add(alarm)
      return () => void alarms.delete(alarm)
    },
    waiting: () => alarms.size,
    async advance(ms) {
      const end = now + ms
      await settle()
      for (;;) {
        const [next] = [...alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        alarms.delete(next)
        now = Math.max(now, next.at)
        next.ring()
        await settle()
      }
      now = end
    },
  }
}

/** The timer that rings when a clock, such as that of `@quartermaster/testing`, is moved on. */
export function timerOf(clock: { sleep(ms: number, signal: AbortSignal): Promise<void> }): Pick<Timer, 'after'> {
  return {
    after(ms, ring) {
      const cancelled = new AbortController()
      clock.sleep(ms, cancelled.signal).then(ring, () => undefined)
      return () => cancelled.abort()
    },
  }
}

/** Lets everything that is ready to run, run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
