/** @module Proves that quota windows roll. */
import { expect, test } from 'vitest'
import { createRollingWindows } from './rolling-windows.ts'

test('take() fills a window, and each unit frees up one window length after it was taken', () => {
  let now = 1000
  const windows = createRollingWindows({ burst: { limit: 2, windowMs: 100 } }, () => now)
  expect(windows.take('burst')).toEqual({ ok: true, limit: 2, remaining: 1, resetMs: 100 })
  now += 60
  expect(windows.take('burst')).toEqual({ ok: true, limit: 2, remaining: 0, resetMs: 40 })
  expect(windows.take('burst')).toEqual({ ok: false, limit: 2, remaining: 0, resetMs: 40 })
  now += 39
  expect(windows.take('burst').ok).toBe(false)
  now += 1
  expect(windows.take('burst')).toEqual({ ok: true, limit: 2, remaining: 0, resetMs: 60 })
})

test('peek() takes nothing, and clear() gives everything back', () => {
  const windows = createRollingWindows({ burst: { limit: 2, windowMs: 100 } }, () => 0)
  windows.peek('burst')
  expect(windows.peek('burst')).toEqual({ limit: 2, remaining: 2, resetMs: 0 })
  windows.take('burst')
  windows.clear()
  expect(windows.peek('burst').remaining).toBe(2)
})

test('set() resizes from now on, and knows only its own windows', () => {
  const windows = createRollingWindows({ burst: { limit: 2, windowMs: 100 } }, () => 0)
  windows.take('burst')
  expect(windows.set('burst', { limit: 1 })).toBe(true)
  expect(windows.take('burst')).toEqual({ ok: false, limit: 1, remaining: 0, resetMs: 100 })
  expect(windows.set('other', { limit: 1 })).toBe(false)
  expect(() => windows.take('other')).toThrow(RangeError)
})
