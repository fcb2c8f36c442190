/** @module Bounded streams. */
import { expect, test } from 'vitest'
import { streamSlots } from './stream-slots.ts'

test('streamSlots() bounds each key on its own', () => {
  const slots = streamSlots(2)
  const first = slots.take('a')
  expect([first, slots.take('a')]).not.toContain(undefined)
  expect(slots.take('a')).toBeUndefined()
  expect(slots.take('b')).toBeDefined()
  first?.release()
  expect(slots.take('a')).toBeDefined()
})

test('streamSlots() gives a slot back once, however often it is released', () => {
  const slots = streamSlots(1)
  const first = slots.take('a')
  first?.release()
  expect(slots.take('a')).toBeDefined()
  first?.release()
  expect(slots.take('a')).toBeUndefined()
})
