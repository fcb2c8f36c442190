import { settle } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { leasedQueue, nextAttemptAt } from './leased-queue.ts'

function queueOf(
  entries: string[],
  options: { readonly untilEmpty: boolean; readonly attempt?: (entry: string) => Promise<void> },
) {
  const claims: { readonly until: number; readonly limit: number }[] = []
  const attempted: string[] = []
  const errors: unknown[] = []
  const worker = leasedQueue<string>({
    claim: async ({ until, now, limit }) => {
      claims.push({ until: until - now, limit })
      return entries.splice(0, limit)
    },
    attempt: async (entry) => {
      attempted.push(entry)
      await options.attempt?.(entry)
    },
    onError: (error, entry) => errors.push([(error as Error).message, entry]),
    owner: 'me',
    leaseMs: 30_000,
    concurrency: 2,
    untilEmpty: options.untilEmpty,
    pollMs: 1_000,
    now: () => 500,
    random: () => 0.5,
  })
  return { worker, claims, attempted, errors }
}

test('tick() attempts as many entries as may be under way at once, or goes on until nothing is due', async () => {
  const once = queueOf(['a', 'b', 'c'], { untilEmpty: false })
  expect(await once.worker.tick()).toBe(2)
  expect([once.attempted, once.claims]).toEqual([['a', 'b'], [{ until: 30_000, limit: 2 }]])
  const all = queueOf(['a', 'b', 'c'], { untilEmpty: true })
  expect(await all.worker.tick()).toBe(3)
  expect(all.claims).toHaveLength(2)
})

test('an attempt that throws is reported with its entry and stops no other', async () => {
  const { worker, attempted, errors } = queueOf(['a', 'b', 'c'], {
    untilEmpty: true,
    attempt: async (entry) => {
      if (entry === 'a') throw new Error('broken')
    },
  })
  expect(await worker.tick()).toBe(3)
  expect([attempted, errors]).toEqual([['a', 'b', 'c'], [['broken', 'a']]])
})

test('stop() waits for the attempts under way and takes up nothing more', async () => {
  const finish: (() => void)[] = []
  const { worker, attempted } = queueOf(['a', 'b', 'c', 'd'], {
    untilEmpty: true,
    attempt: () => new Promise<void>((resolve) => finish.push(resolve)),
  })
  const ticking = worker.tick()
  await settle()
  let stopped = false
  const stopping = worker.stop().then(() => {
    stopped = true
  })
  await settle()
  expect(stopped).toBe(false)
  for (const each of finish) each()
  await stopping
  expect([await ticking, await worker.tick(), attempted]).toEqual([2, 0, ['a', 'b']])
})

test('nextAttemptAt() follows the schedule, spread by a tenth, and ends with it', () => {
  const waitsMs = [1_000, 60_000]
  expect([0, 0.5, 1].map((random) => nextAttemptAt(waitsMs, 1, 5_000, random))).toEqual([5_900, 6_000, 6_100])
  expect(nextAttemptAt(waitsMs, 2, 5_000, 0.5)).toBe(65_000)
  expect(nextAttemptAt(waitsMs, 3, 5_000, 0.5)).toBeUndefined()
})
