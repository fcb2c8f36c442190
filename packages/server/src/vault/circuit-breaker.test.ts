import { expect, test } from 'vitest'
import { circuitBreaker } from './circuit-breaker.ts'

test('recordFailure() opens after five failures in a row, of more than one account', () => {
  const breaker = circuitBreaker()
  for (let i = 0; i < 20; i++) breaker.recordFailure('crm', 'acc_1', 0)
  expect(breaker.capacity('crm', 0)).toBe(Number.POSITIVE_INFINITY)
  breaker.recordFailure('crm', 'acc_2', 0)
  expect(breaker.capacity('crm', 0)).toBe(0)
  expect(breaker.capacity('other', 0)).toBe(Number.POSITIVE_INFINITY)
})

test('recordSuccess() in between keeps it closed', () => {
  const breaker = circuitBreaker()
  for (let i = 0; i < 20; i++) {
    breaker.recordFailure('crm', `acc_${i}`, 0)
    if (i % 4 === 3) breaker.recordSuccess('crm')
  }
  expect(breaker.admit('crm', 0)).toEqual({ admitted: true })
})

test('an open circuit admits one probe at a time, and waits twice as long when it fails', () => {
  const breaker = circuitBreaker()
  expect(breaker.recordClientRefused('crm', 0)).toBe(60_000)
  expect(breaker.admit('crm', 59_000)).toEqual({ admitted: false, waitMs: 1_000 })
  expect(breaker.admit('crm', 60_000)).toEqual({ admitted: true })
  expect(breaker.admit('crm', 60_000)).toMatchObject({ admitted: false })
  expect(breaker.recordClientRefused('crm', 60_000)).toBe(120_000)
  expect(breaker.capacity('crm', 179_999)).toBe(0)
  expect(breaker.capacity('crm', 180_000)).toBe(1)
})

test('failures of requests that were under way when it opened do not lengthen the wait', () => {
  const breaker = circuitBreaker()
  breaker.recordClientRefused('crm', 0)
  for (let i = 0; i < 10; i++) breaker.recordClientRefused('crm', 10)
  expect(breaker.admit('crm', 60_000)).toEqual({ admitted: true })
})

test('a probe that was not sent after all makes room for another', () => {
  const breaker = circuitBreaker()
  breaker.recordClientRefused('crm', 0)
  breaker.admit('crm', 60_000)
  breaker.release('crm')
  expect(breaker.admit('crm', 60_000)).toEqual({ admitted: true })
})
