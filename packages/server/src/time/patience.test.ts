import { expect, test } from 'vitest'
import { testTimer } from '../../test/timer.ts'
import { longer, PATIENCE_MS, patience } from './patience.ts'

const never = new Promise<string>(() => undefined)

test('patience() ends once for all steps together, however many there are and how long each takes', async () => {
  const timer = testTimer()
  const waiting = patience(timer, { waitedMs: 400 })
  let said = 'nothing'
  void waiting
    .within(never, () => 'late')
    .then((word) => {
      said = word
    })
  await timer.advance(600)
  expect([waiting.left(), said]).toEqual([PATIENCE_MS - 1_000, 'nothing'])
  await timer.advance(499)
  expect([waiting.isOver(), said]).toEqual([false, 'nothing'])
  await timer.advance(1)
  expect([waiting.isOver(), waiting.left(), said]).toEqual([true, 0, 'late'])
})

test('patience() that is used up before it begins is over at once, and work that is done in time wins', async () => {
  const timer = testTimer()
  const spent = patience(timer, { waitedMs: 9_000 })
  const late = spent.within(never, () => 'late')
  await timer.advance(0)
  expect(await late).toBe('late')
  expect(await patience(timer).within(Promise.resolve('done'), () => 'late')).toBe('done')
})

test('outside() stops the time while somebody else is waited for, and gives all of it back afterwards', async () => {
  const timer = testTimer()
  const waiting = patience(timer)
  await timer.advance(1_499)
  let answer = (): void => {}
  const away = waiting.outside(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve
      }),
  )
  await timer.advance(60_000)
  expect(waiting.isOver()).toBe(false)
  answer()
  await away
  await timer.advance(1_499)
  expect([waiting.isOver(), waiting.left()]).toEqual([false, 1])
  await timer.advance(1)
  expect(waiting.isOver()).toBe(true)
})

test('end() leaves nothing behind that could ring, and what is over stays over', async () => {
  const timer = testTimer()
  const ended = patience(timer)
  ended.end()
  expect(timer.waiting()).toBe(0)
  const over = patience(timer)
  await timer.advance(PATIENCE_MS)
  await over.outside(async () => undefined)
  expect([over.isOver(), over.left(), timer.waiting()]).toEqual([true, 0, 0])
})

test('patience() waits on while the store works, ends 1.5 s after its last sign, and after five seconds in any case', async () => {
  const timer = testTimer()
  let worked = 0
  const waiting = patience(timer, { worksAt: () => worked })
  await timer.advance(1_000)
  worked = timer.now()
  await timer.advance(1_499)
  expect(waiting.isOver()).toBe(false)
  await timer.advance(1)
  expect(waiting.isOver()).toBe(true)

  const busy = patience(timer, { worksAt: () => timer.now() })
  await timer.advance(4_999)
  expect(busy.isOver()).toBe(false)
  await timer.advance(1)
  expect(busy.isOver()).toBe(true)
})

test('patience() does not blame the store when the process itself was kept waiting', () => {
  // What `longer` is asked by a ring that came half a second late: time to read what has come meanwhile.
  expect(longer(2_000, 1_500)).toBe(2_250)
  expect(longer(1_510, 1_500)).toBe(Number.NEGATIVE_INFINITY)
  expect(longer(2_000, 1_990, 1_900)).toBe(3_400)
})
