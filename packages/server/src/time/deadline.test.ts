import { expect, test } from 'vitest'
import { testTimer } from '../../test/timer.ts'
import { DeadlineExceeded, deadline } from './deadline.ts'

const never = new Promise<string>(() => undefined)

test('deadline() hands on what the work gives or throws, and leaves no timer behind', async () => {
  const timer = testTimer()
  expect(await deadline(Promise.resolve('done'), 100, { timer })).toBe('done')
  await expect(deadline(Promise.reject(new Error('broken')), 100, { timer })).rejects.toThrow('broken')
  expect(timer.waiting()).toBe(0)
})

test('deadline() ends the waiting at its time, not before, with an error that says how long that was', async () => {
  const timer = testTimer()
  let outcome: unknown = 'waiting'
  void deadline(never, 100, { timer }).catch((error: unknown) => {
    outcome = error
  })
  await timer.advance(99)
  expect(outcome).toBe('waiting')
  await timer.advance(1)
  expect(outcome).toBeInstanceOf(DeadlineExceeded)
  expect(outcome).toMatchObject({ ms: 100, message: /100 ms/ })
})

test('deadline() ends the waiting when its signal is aborted, before or meanwhile, with the reason of that', async () => {
  const timer = testTimer()
  const controller = new AbortController()
  const waiting = deadline(never, 100, { timer, signal: controller.signal })
  controller.abort(new Error('hung up'))
  await expect(waiting).rejects.toThrow('hung up')
  await expect(deadline(never, 100, { timer, signal: controller.signal })).rejects.toThrow('hung up')
  expect(timer.waiting()).toBe(0)
})

test('work that fails after the deadline is no unhandled rejection', async () => {
  const timer = testTimer()
  let fail = (_: Error): void => {}
  const work = new Promise<never>((_, reject) => {
    fail = reject
  })
  const waiting = deadline(work, 100, { timer }).catch((error: unknown) => error)
  await timer.advance(100)
  fail(new Error('too late to matter'))
  await timer.advance(0)
  expect(await waiting).toBeInstanceOf(DeadlineExceeded)
})
