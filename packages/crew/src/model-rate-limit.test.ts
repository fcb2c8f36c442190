import type { Clock } from '@quartermaster/client'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { modelRateLimit } from './model-rate-limit.ts'

/** Every sleep ends at once; the sleeper's moment is what counts. */
function jumping() {
  let now = 0
  const slept: number[] = []
  const clock: Clock = {
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      slept.push(now + ms)
    },
  }
  return { clock, slept, move: (ms: number) => (now += ms) }
}

test('modelRateLimit() lets maxRpm calls through and holds the next until a minute after the first', async () => {
  const { clock, slept, move } = jumping()
  const rateLimit = modelRateLimit(2, clock)
  await rateLimit()
  move(1000)
  await rateLimit()
  move(1000)
  await rateLimit()
  await rateLimit()
  expect(slept).toEqual([60_000, 61_000])
})

test('modelRateLimit() never starts more than maxRpm calls within any minute', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(20_000), { maxLength: 40 }), async (rpm, gaps) => {
      const { clock, slept, move } = jumping()
      const rateLimit = modelRateLimit(rpm, clock)
      const starts: number[] = []
      for (const gap of gaps) {
        move(gap)
        const before = slept.length
        await rateLimit()
        starts.push(slept[before] ?? clock.now())
      }
      starts.forEach((start, i) => {
        const next = starts[i + rpm]
        if (next !== undefined) expect(next - start).toBeGreaterThanOrEqual(60_000)
      })
    }),
  )
})

test('modelRateLimit() ends a wait when the run is cancelled, and does not wait without a limit', async () => {
  const { clock, slept } = jumping()
  const rateLimit = modelRateLimit(1, clock)
  await rateLimit()
  await expect(rateLimit(AbortSignal.abort())).rejects.toThrow()
  await modelRateLimit(undefined, clock)()
  expect(slept).toEqual([])
  expect(() => modelRateLimit(0)).toThrow(RangeError)
})
