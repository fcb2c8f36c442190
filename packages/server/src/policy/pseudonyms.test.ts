/** @module Tokens in place of people. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase62, toBase62 } from '../keys/base62.ts'
import { pseudonymPattern, pseudonyms } from './pseudonyms.ts'

const ours = pseudonyms(Buffer.alloc(32, 1))
const theirs = pseudonyms(Buffer.alloc(32, 2))
const email = { kind: 'email', scope: '' }
const everywhere = () => ''

test('conceal() is stable, and short for what is short', () => {
  // Fixed on purpose: a change of the construction would break every pseudonym that is out there.
  expect(ours.conceal('jane@acme.com', email)).toBe('psn_email_BUtU1tbx1C5pBsJl1FxLsBantfolAXHJicfWcQ')
  expect(ours.conceal('501', { kind: 'contact', scope: 'acc_1' })).toBe('psn_contact_W0uDvIC2iJjd17svkO9rBT1HU6z')
  expect(ours.conceal('', email)).toBeUndefined()
})

test('conceal() differs by tenant, kind and scope, and joins addresses whatever their case', () => {
  const all = [
    ours.conceal('501', { kind: 'contact', scope: 'acc_1' }),
    ours.conceal('501', { kind: 'contact', scope: 'acc_2' }),
    ours.conceal('501', { kind: 'account', scope: 'acc_1' }),
    theirs.conceal('501', { kind: 'contact', scope: 'acc_1' }),
  ].map((token) => token?.split('_').at(-1))
  expect(new Set(all).size).toBe(all.length)
  expect(ours.conceal(' Jane@ACME.com', email)).toBe(ours.conceal('jane@acme.com', email))
})

test('reveal() gives back exactly what was concealed, for any text, with its own key and scope only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 24 }), (text) => {
      const value = text.normalize('NFC').trim()
      const token = ours.conceal(text, { kind: 'name', scope: 'a' }) ?? ''
      fc.pre(token !== '')
      if (Buffer.byteLength(value) < 80) expect(ours.reveal(token, () => 'a')).toEqual({ kind: 'name', value })
      expect(ours.reveal(token, () => 'b')).toBeUndefined()
      expect(theirs.reveal(token, () => 'a')).toBeUndefined()
      expect(token.match(pseudonymPattern())).toEqual([token])
    }),
    { numRuns: 2_000 },
  )
})

test('reveal() takes numbers of any size, long values not at all', () => {
  for (const id of ['0', '7', '0501', '9999999999999999999', '99999999999999999999', '18446744073709551616', '1e3']) {
    const token = ours.conceal(id, { kind: 'contact', scope: '' }) ?? ''
    expect([id, ours.reveal(token, everywhere)?.value]).toEqual([id, id])
  }
  const long = ours.conceal('x'.repeat(80), email) ?? ''
  expect(long).toMatch(/^psn_email_[0-9A-Za-z]{17}$/)
  expect(ours.reveal(long, everywhere)).toBeUndefined()
  expect(long).not.toBe(ours.conceal('x'.repeat(81), email))
})

test('reveal() opens nothing that was changed in one character, cut or made up', () => {
  const token = ours.conceal('jane@acme.com', email) ?? ''
  for (let at = 0; at < token.length; at++) {
    for (const char of 'aZ05_') {
      const changed = token.slice(0, at) + char + token.slice(at + 1)
      if (changed !== token) expect([changed, ours.reveal(changed, everywhere)]).toEqual([changed, undefined])
    }
    expect(ours.reveal(token.slice(0, at), everywhere)).toBeUndefined()
  }
  for (let round = 0; round < 2_000; round++) {
    expect(ours.reveal(`psn_email_${toBase62(randomBytes(28))}`, everywhere)).toBeUndefined()
  }
})

test('conceal() finds none of 10,000 guessed addresses again without the key', () => {
  const guesses = Array.from({ length: 10_000 }, (_, index) => `person.${index}@acme.com`)
  const tokens = new Set(guesses.map((guess) => ours.conceal(guess, email)))
  expect(tokens.size).toBe(guesses.length)
  expect(guesses.filter((guess) => tokens.has(theirs.conceal(guess, email)))).toEqual([])
})

test('toBase62() and fromBase62() are each other’s inverse for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 92 }), (bytes) => {
      expect(fromBase62(toBase62(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
})
