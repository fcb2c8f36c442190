import { expect, test } from 'vitest'
import { testTimer } from '../../test/timer.ts'
import { extendedUntil, STORE_TIMEOUT_MS, storeDeadline } from './store-deadline.ts'

const never = new Promise<string>(() => undefined)

test('storeDeadline() ends once for all steps together, however many there are and how long each takes', async () => {
  const timer = testTimer()
  const waiting = storeDeadline(timer, { waitedMs: 400 })
  let said = 'nothing'
  void waiting
    .within(never, () => 'late')
    .then((word) => {
      said = word
    })
  await timer.advance(600)
  expect([waiting.remainingMs(), said]).toEqual([STORE_TIMEOUT_MS - 1_000, 'nothing'])
  await timer.advance(499)
  expect([waiting.isExpired(), said]).toEqual([false, 'nothing'])
  await timer.advance(1)
  expect([waiting.isExpired(), waiting.remainingMs(), said]).toEqual([true, 0, 'late'])
})

test('storeDeadline() that is used up before it begins is over at once, and work that is done in time wins', async () => {
  const timer = testTimer()
  const spent = storeDeadline(timer, { waitedMs: 9_000 })
  const late = spent.within(never, () => 'late')
  await timer.advance(0)
  expect(await late).toBe('late')
  expect(await storeDeadline(timer).within(Promise.resolve('done'), () => 'late')).toBe('done')
})

test('suspendWhile() stops the time while somebody else is waited for, and gives all of it back afterwards', async () => {
  const timer = testTimer()
  const waiting = storeDeadline(timer)
  await timer.advance(1_499)
  let answer = (): void => {}
  const away = waiting.suspendWhile(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve
      }),
  )
  await timer.advance(60_000)
  expect(waiting.isExpired()).toBe(false)
  answer()
  await away
  await timer.advance(1_499)
  expect([waiting.isExpired(), waiting.remainingMs()]).toEqual([false, 1])
  await timer.advance(1)
  expect(waiting.isExpired()).toBe(true)
})

test('end() leaves nothing behind that could ring, and what is over stays over', async () => {
  const timer = testTimer()
  const ended = storeDeadline(timer)
  ended.end()
  expect(timer.waiting()).toBe(0)
  const over = storeDeadline(timer)
  await timer.advance(STORE_TIMEOUT_MS)
  await over.suspendWhile(async () => undefined)
  expect([over.isExpired(), over.remainingMs(), timer.waiting()]).toEqual([true, 0, 0])
})

test('storeDeadline() waits on while the store works, ends 1.5 s after its last sign, and after five seconds in any case', async () => {
  const timer = testTimer()
  let worked = 0
  const waiting = storeDeadline(timer, { lastProgressAt: () => worked })
  await timer.advance(1_000)
  worked = timer.now()
  await timer.advance(1_499)
  expect(waiting.isExpired()).toBe(false)
  await timer.advance(1)
  expect(waiting.isExpired()).toBe(true)

  const busy = storeDeadline(timer, { lastProgressAt: () => timer.now() })
  await timer.advance(4_999)
  expect(busy.isExpired()).toBe(false)
  await timer.advance(1)
  expect(busy.isExpired()).toBe(true)
})

test('storeDeadline() does not blame the store when the process itself was kept waiting', () => {
  // What `extendedUntil` is asked by a ring that came half a second late: time to read what has come meanwhile.
  expect(extendedUntil(2_000, 1_500)).toBe(2_250)
  expect(extendedUntil(1_510, 1_500)).toBe(Number.NEGATIVE_INFINITY)
  expect(extendedUntil(2_000, 1_990, 1_900)).toBe(3_400)
})
