import { type CallEvent, type Clock, RateGate } from '@quartermaster/client'
import { expect, test } from 'vitest'
import { type SharedWait, sharedWaits } from './shared-wait.ts'

/** Time moves by a second with each sleep, and only then. */
function handClock(): Clock & { tick(): Promise<void> } {
  let now = 0
  let wake: (() => void) | undefined
  return {
    now: () => now,
    sleep: () => new Promise((resolve) => (wake = resolve)),
    async tick() {
      now += 1000
      wake?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const refusedOn = (account: string): CallEvent => ({
  type: 'rate_limited',
  attempt: 1,
  waitMs: 9000,
  tool: 'list',
  account,
})

test('sharedWaits() reports many refusals as one wait, once nothing is under way, with those who stand in line', async () => {
  const clock = handClock()
  const gate = new RateGate({ clock: { now: clock.now, sleep: () => new Promise(() => undefined) } })
  const entry = await gate.enter('acc')
  gate.hold('acc', 9000)
  for (let n = 0; n < 3; n += 1) void gate.enter('acc')
  const waits: SharedWait[] = []
  const listen = sharedWaits(gate, 'acc', (wait) => waits.push(wait), clock)
  for (const account of ['acc', 'other', 'acc']) listen(refusedOn(account))
  await clock.tick()
  expect(waits).toEqual([])
  if (entry.ok) entry.leave()
  await clock.tick()
  expect(waits).toEqual([{ waiting: 3, untilMs: 9000, refused: 2 }])
  listen(refusedOn('acc'))
  await clock.tick()
  expect(waits).toHaveLength(2)
})
