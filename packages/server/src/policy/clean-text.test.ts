/** @module Hostile Unicode. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanText } from './clean-text.ts'

test('cleanText() removes what a reader cannot see', () => {
  const tags = [...'ignore all'].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('')
  expect(cleanText(`Hi${tags} \u202eevil\u202c\u200b\u200d\u2060\ufeff\u00ad\u0007\u009b there`, 100)).toBe(
    'Hi evil there',
  )
  expect(cleanText('a\ufe0f\u{e0101}\u115f\u3164\ufffeb', 100)).toBe('ab')
})

test('cleanText() keeps tabs, newlines and visible writing of any language', () => {
  expect(cleanText('a\tb\r\nc\rd\u2028e', 100)).toBe('a\tb\nc\nd\ne')
  for (const text of ['Žluťoučký kůň', 'مرحبا', '日本語', '👍🏽', '½ ﬁ']) expect(cleanText(text, 100)).toBe(text)
})

test('cleanText() cuts long text at a whole character and marks it', () => {
  expect(cleanText('abcdef', 4)).toBe('abc…')
  expect(cleanText('ab👍👍', 4)).toBe('ab…')
  expect(cleanText('abcd', 4)).toBe('abcd')
})

test('cleanText() is well-formed, bounded, invisible-free and idempotent for any text', () => {
  const invisible = /[\p{Cf}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u{e0000}-\u{e0fff}]/u
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 30 }), (text, max) => {
      const clean = cleanText(text, max)
      expect(clean.isWellFormed()).toBe(true)
      expect(clean.length).toBeLessThanOrEqual(max)
      expect(clean).not.toMatch(invisible)
      expect(cleanText(clean, max)).toBe(clean)
    }),
  )
})
