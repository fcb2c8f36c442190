import { expect, test } from 'vitest'
import { circuitBreaker } from './breaker.ts'

test('broken() opens after five failures in a row, of more than one account', () => {
  const breaker = circuitBreaker()
  for (let i = 0; i < 20; i++) breaker.broken('crm', 'acc_1', 0)
  expect(breaker.room('crm', 0)).toBe(Number.POSITIVE_INFINITY)
  breaker.broken('crm', 'acc_2', 0)
  expect(breaker.room('crm', 0)).toBe(0)
  expect(breaker.room('other', 0)).toBe(Number.POSITIVE_INFINITY)
})

test('answered() in between keeps it closed', () => {
  const breaker = circuitBreaker()
  for (let i = 0; i < 20; i++) {
    breaker.broken('crm', `acc_${i}`, 0)
    if (i % 4 === 3) breaker.answered('crm')
  }
  expect(breaker.admit('crm', 0)).toEqual({ admitted: true })
})

test('an open circuit admits one probe at a time, and waits twice as long when it fails', () => {
  const breaker = circuitBreaker()
  expect(breaker.refusedClient('crm', 0)).toBe(60_000)
  expect(breaker.admit('crm', 59_000)).toEqual({ admitted: false, waitMs: 1_000 })
  expect(breaker.admit('crm', 60_000)).toEqual({ admitted: true })
  expect(breaker.admit('crm', 60_000)).toMatchObject({ admitted: false })
  expect(breaker.refusedClient('crm', 60_000)).toBe(120_000)
  expect(breaker.room('crm', 179_999)).toBe(0)
  expect(breaker.room('crm', 180_000)).toBe(1)
})

test('failures of requests that were under way when it opened do not lengthen the wait', () => {
  const breaker = circuitBreaker()
  breaker.refusedClient('crm', 0)
  for (let i = 0; i < 10; i++) breaker.refusedClient('crm', 10)
  expect(breaker.admit('crm', 60_000)).toEqual({ admitted: true })
})

test('a probe that was not sent after all makes room for another', () => {
  const breaker = circuitBreaker()
  breaker.refusedClient('crm', 0)
  breaker.admit('crm', 60_000)
  breaker.abandoned('crm')
  expect(breaker.admit('crm', 60_000)).toEqual({ admitted: true })
})
