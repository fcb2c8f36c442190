/**
 * @module
 * Works off a queue whose entries are leased: each is attempted by one process at a time, and again after a wait when
 * an attempt has failed, however often a process dies.
 */
import { type PeriodicTask, periodicTask } from './periodic-task.ts'

export interface LeasedQueueOptions<Entry> {
  /** Leases entries that are due, at most `limit`. */
  readonly claim: (claim: {
    readonly owner: string
    readonly until: number
    readonly now: number
    readonly limit: number
  }) => Promise<readonly Entry[]>
  /** One attempt, and what follows from it: the entry is finished, or put off until {@link nextAttemptAt}. */
  readonly attempt: (entry: Entry) => Promise<void>
  /** The entry is left out when it was the claim that failed. */
  readonly onError: (error: unknown, entry?: Entry) => void
  /** This process. */
  readonly owner: string
  /** Longer than an attempt may take, in milliseconds. */
  readonly leaseMs: number
  /** Attempts at once. */
  readonly concurrency: number
  /** Whether one run goes on until nothing is due; otherwise the rest is left for the next run. */
  readonly untilEmpty: boolean
  readonly pollMs: number
  readonly now: () => number
  readonly random: () => number
}

/** {@link PeriodicTask.tick} resolves with how many entries were attempted. */
export type QueueWorker = Pick<PeriodicTask, 'start' | 'tick' | 'stop'>

export function leasedQueue<Entry>(options: LeasedQueueOptions<Entry>): QueueWorker {
  const { claim, attempt, onError, owner, leaseMs, concurrency: limit, untilEmpty, pollMs, now, random } = options

  async function run(): Promise<number> {
    let attempted = 0
    // What failed is due later, so this comes to an end.
    while (!task.isStopped()) {
      const at = now()
      const due = await claim({ owner, until: at + leaseMs, now: at, limit })
      await Promise.all(due.map((entry) => attempt(entry).catch((error: unknown) => onError(error, entry))))
      attempted += due.length
      if (!untilEmpty || due.length < limit) break
    }
    return attempted
  }

  const task = periodicTask({ run, pauseMs: pollMs, random, onError: (error) => onError(error) })
  return { start: task.start, tick: task.tick, stop: task.stop }
}

/**
 * When an entry is attempted again, give or take a tenth of the wait; undefined when it is given up.
 * @param waitsMs the wait after the first attempt, after the second, and so on
 * @param attempts begun, the one that failed included
 */
export function nextAttemptAt(
  waitsMs: readonly number[],
  attempts: number,
  now: number,
  random: number,
): number | undefined {
  const waitMs = waitsMs[attempts - 1]
  return waitMs === undefined ? undefined : Math.floor(now + waitMs * (0.9 + 0.2 * random))
}
