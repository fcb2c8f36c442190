import { expect, test } from 'vitest'
import { readiness } from './readiness.ts'

test('readiness() asks once a second, however many ask it, and says what was found, good or bad', async () => {
  let at = 0
  let asked = 0
  let broken = false
  const ready = readiness(
    async () => {
      asked += 1
      if (broken) throw new Error('gone')
    },
    () => at,
  )
  await Promise.all(Array.from({ length: 50 }, ready))
  await ready()
  expect(asked).toBe(1)
  broken = true
  at = 999
  await ready()
  at = 1_000
  await Promise.all(Array.from({ length: 50 }, () => expect(ready()).rejects.toThrow('gone')))
  expect(asked).toBe(2)
  broken = false
  at = 2_000
  await ready()
  expect(asked).toBe(3)
})

test('readiness() does not ask again while an answer is under way', async () => {
  let at = 0
  let asked = 0
  const waiting: (() => void)[] = []
  const ready = readiness(
    () => {
      asked += 1
      return new Promise((resolve) => waiting.push(resolve))
    },
    () => at,
  )
  const first = ready()
  at = 60_000
  const second = ready()
  expect(asked).toBe(1)
  waiting[0]?.()
  await Promise.all([first, second])
})
