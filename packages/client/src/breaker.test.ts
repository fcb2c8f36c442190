import { expect, test } from 'vitest'
import { Breaker } from './breaker.ts'

test('admit() refuses the same call the fourth time, however its arguments are written', () => {
  const breaker = new Breaker()
  expect(breaker.admit('list', { a: 1, b: [{ c: 2 }] })).toBeUndefined()
  expect(breaker.admit('list', { b: [{ c: 2 }], a: 1 })).toBeUndefined()
  expect(breaker.admit('list', { b: [{ c: 2, d: null }], a: 1, e: undefined })).toBeUndefined()
  expect(breaker.admit('list', { a: 1, b: [{ c: 2 }] })).toMatchObject({ code: 'repeated_call', attempts: 0 })
  expect(breaker.admit('list', { a: 2, b: [{ c: 2 }] })).toBeUndefined()
  expect(breaker.admit('get', { a: 1, b: [{ c: 2 }] })).toBeUndefined()
})

test('admit() refuses everything after the last call of the budget', () => {
  const breaker = new Breaker({ maxCallsPerRun: 2 })
  expect(breaker.admit('list', { page: 1 })).toBeUndefined()
  expect(breaker.admit('list', { page: 2 })).toBeUndefined()
  expect(breaker.admit('list', { page: 3 })).toMatchObject({ code: 'call_budget_exhausted' })
})

test('admit() refuses everything after five failures in a row, and a success in between starts anew', () => {
  const breaker = new Breaker()
  const fails = [false, false, false, false, true, false, false, false, false, false]
  fails.forEach((ok, i) => {
    expect(breaker.admit('get', { id: i })).toBeUndefined()
    breaker.record(ok)
  })
  expect(breaker.admit('get', { id: 99 })).toMatchObject({ code: 'too_many_errors' })
})
