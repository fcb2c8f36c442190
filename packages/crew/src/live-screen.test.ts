import { TestClock } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { liveScreen } from './live-screen.ts'
import { runProgress } from './run-progress.ts'

test('liveScreen() redraws every 200 ms, so that countdowns move while nothing else happens, until it is ended', async () => {
  const clock = new TestClock()
  const progress = runProgress(clock.now())
  const texts: string[] = []
  const output = { columns: 100, rows: 24, write: (text: string) => texts.push(text) }
  const screen = liveScreen(progress, { title: 'review', output, clock })
  const call = { tool: 'list_deals', account: 'acc_1', toolCallId: 'c1' }
  progress.add({ ...call, type: 'tool_call' }, ['read:1'], clock.now())
  progress.add({ ...call, type: 'rate_limited', waitMs: 4_300 }, ['read:1'], clock.now())
  for (const left of ['0:05', '0:04', '0:04', '0:04', '0:04', '0:04', '0:03']) {
    await clock.advance(200)
    expect(texts.at(-1)).toContain(`list_deals, waits ${left} for the rate limit`)
  }
  expect(texts).toHaveLength(8)
  screen.end()
  await clock.advance(10_000)
  expect(texts).toHaveLength(9)
  expect(clock.sleeping()).toEqual([])
})
