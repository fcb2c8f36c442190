import { TestClock } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { DeadlineExceeded, deadline } from './deadline.ts'

const forever = () => new Promise<never>(() => {})

test('deadline() hands on what comes of the work, and leaves no timer behind', async () => {
  const clock = new TestClock()
  expect(await deadline(async () => 'done', 1000, { clock })).toBe('done')
  await expect(deadline(() => Promise.reject(new TypeError('no')), 1000, { clock })).rejects.toThrow(TypeError)
  expect(clock.sleeping()).toEqual([])
})

test('deadline() ends work that heeds nothing, and tells it to stop', async () => {
  const clock = new TestClock()
  let told: AbortSignal | undefined
  const late = deadline(
    (signal) => {
      told = signal
      return forever()
    },
    1000,
    { clock },
  )
  const ended = expect(late).rejects.toThrow(DeadlineExceeded)
  await clock.advance(999)
  expect(told?.aborted).toBe(false)
  await clock.advance(1)
  await ended
  expect(told?.reason).toBeInstanceOf(DeadlineExceeded)
})

test('deadline() ends with the caller, for the reason of the caller', async () => {
  const clock = new TestClock()
  const caller = new AbortController()
  const work = deadline(forever, 1000, { clock, signal: caller.signal })
  const ended = expect(work).rejects.toThrow('enough')
  caller.abort(new Error('enough'))
  await ended
  expect(clock.sleeping()).toEqual([])
})
