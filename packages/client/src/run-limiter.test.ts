import { expect, test } from 'vitest'
import { RunLimiter } from './run-limiter.ts'

test('admit() refuses the same call the fourth time, however its arguments are written', () => {
  const limiter = new RunLimiter()
  expect(limiter.admit('list', { a: 1, b: [{ c: 2 }] })).toBeUndefined()
  expect(limiter.admit('list', { b: [{ c: 2 }], a: 1 })).toBeUndefined()
  expect(limiter.admit('list', { b: [{ c: 2, d: null }], a: 1, e: undefined })).toBeUndefined()
  expect(limiter.admit('list', { a: 1, b: [{ c: 2 }] })).toMatchObject({ code: 'repeated_call', attempts: 0 })
  expect(limiter.admit('list', { a: 2, b: [{ c: 2 }] })).toBeUndefined()
  expect(limiter.admit('get', { a: 1, b: [{ c: 2 }] })).toBeUndefined()
})

test('admit() refuses everything after the last call of the budget', () => {
  const limiter = new RunLimiter({ maxCallsPerRun: 2 })
  expect(limiter.admit('list', { page: 1 })).toBeUndefined()
  expect(limiter.admit('list', { page: 2 })).toBeUndefined()
  expect(limiter.admit('list', { page: 3 })).toMatchObject({ code: 'call_budget_exhausted' })
})

test('admit() refuses everything after five failures in a row, and a success in between starts anew', () => {
  const limiter = new RunLimiter()
  const fails = [false, false, false, false, true, false, false, false, false, false]
  fails.forEach((ok, i) => {
    expect(limiter.admit('get', { id: i })).toBeUndefined()
    limiter.record(ok)
  })
  expect(limiter.admit('get', { id: 99 })).toMatchObject({ code: 'too_many_errors' })
})
