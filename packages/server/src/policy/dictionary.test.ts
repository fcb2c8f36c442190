/**
 * @module
 * The dictionary attack on pseudonyms: whoever holds tokens and a list of likely addresses, the real ones among them,
 * tries to tell which token is whose. Without the tenant's key no guess can be checked, and another tenant's tokens of
 * the very same people are no help.
 */
import { createHash, createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromBase62 } from '../keys/base62.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { openStore, type Store } from '../store/open.ts'
import { pseudonymKeys } from './pseudonym-keys.ts'
import { type Pseudonyms, pseudonyms } from './pseudonyms.ts'

const email = { kind: 'email', scope: '' }
const VICTIMS = 500
let store: Store
let acme: Pseudonyms
let globex: Pseudonyms
let tokens: readonly string[]

const syllables = ['an', 'be', 'co', 'da', 'el', 'fi', 'go', 'ha', 'iv', 'jo', 'ka', 'li', 'mo', 'ni', 'ol', 'pe']
const name = (index: number, count: number) =>
  Array.from({ length: count }, (_, at) => syllables[Math.floor(index / 16 ** at) % 16]).join('')

/** A million addresses as people have them: first name, last name, one of four firms. */
function* dictionary(): Generator<string> {
  for (let index = 0; index < 1_000_000; index++) {
    yield `${name(index, 2)}.${name(index >> 8, 2)}${index >> 16}@firm${index % 4}.example`
  }
}
/** People whose addresses stand in the dictionary. */
const victims = [...dictionary()].filter((_, index) => index % 2_000 === 7)

beforeAll(async () => {
  store = await openStore()
  const keys = pseudonymKeys(parseKeyRing(newKey(1)), store.meta)
  acme = await keys.of('acme')
  globex = await keys.of('globex')
  tokens = victims.map((one) => acme.conceal(one, email) ?? '')
})
afterAll(() => store.close())

/** A token's 96-bit head, against which a guess at its value would be checked, and its tail. */
function parts(token: string): { readonly head: string; readonly tail: string } {
  const bytes = fromBase62(token.split('_').at(-1) ?? '') ?? Buffer.alloc(0)
  return { head: bytes.subarray(0, 12).toString('hex'), tail: bytes.subarray(12).toString('hex') }
}

/** How many of `heads` a million guesses find, with everything that takes no key. */
function cracked(heads: ReadonlySet<string>): number {
  const found = new Set<string>()
  const check = (digest: Buffer) => {
    const head = digest.toString('hex', 0, 12)
    if (heads.has(head)) found.add(head)
  }
  for (const guess of dictionary()) {
    for (const hash of ['sha256', 'md5']) check(createHash(hash).update(guess).digest())
    check(
      createHash('sha256')
        .update(JSON.stringify(['email', '', guess]))
        .digest(),
    )
  }
  return found.size
}

test('a million guesses find no address behind 500 tokens without the key', () => {
  expect(new Set(tokens).size).toBe(VICTIMS)
  expect(cracked(new Set(tokens.map((token) => parts(token).head)))).toBe(0)
  // The control: the same guesses find every one of the same people behind what a plain hash gives.
  const hashed = victims.map((one) => createHash('sha256').update(one).digest().toString('hex', 0, 12))
  expect(cracked(new Set(hashed))).toBe(VICTIMS)
})

test('neither guessed keys nor the attacker’s own pseudonyms of the dictionary match, and with the key all do', () => {
  const known = new Set(tokens)
  const heads = new Set(tokens.map((token) => parts(token).head))
  const guessedKeys = ['', 'acme', 'quartermaster', 'quartermaster|pseudonym|iv'].map((text) => Buffer.from(text))
  const weak = [Buffer.alloc(32), createHash('sha256').update('acme').digest()].map(pseudonyms)
  for (const one of victims) {
    for (const key of guessedKeys) {
      for (const said of [one, JSON.stringify(['email', '', one])]) {
        expect(heads.has(createHmac('sha256', key).update(said).digest().toString('hex', 0, 12))).toBe(false)
      }
    }
    for (const other of [globex, ...weak]) expect(known.has(other.conceal(one, email) ?? '')).toBe(false)
  }
  expect(victims.filter((one) => known.has(acme.conceal(one, email) ?? ''))).toEqual(victims)
})

test('two tenants’ tokens of the same people do not correlate', () => {
  const theirs = victims.map((one) => globex.conceal(one, email) ?? '')
  const [ours, others] = [tokens.map(parts), theirs.map(parts)]
  for (const part of ['head', 'tail'] as const) {
    const mine = new Set(ours.map((one) => one[part]))
    expect(others.filter((one) => mine.has(one[part]))).toEqual([])
  }
  // Of the same person no more bits agree than of two people, and of those as many as by chance.
  const same = agreement(ours, others)
  const different = agreement(ours, [...others.slice(1), ...others.slice(0, 1)])
  for (const share of [same, different]) expect(Math.abs(share - 0.5)).toBeLessThan(0.02)
  // The control: a person's token agrees with itself.
  expect(agreement(ours, ours)).toBe(1)
  // A keystream that was used twice would show in what two values differ by.
  const apart = ours.map(({ tail }, index) => xor(tail, others[index]?.tail ?? ''))
  expect(new Set(apart).size).toBe(VICTIMS)
  expect(tokens.map((token) => globex.reveal(token, () => '')).filter(Boolean)).toEqual([])
})

type Parts = readonly ReturnType<typeof parts>[]

function agreement(ones: Parts, others: Parts): number {
  let [equal, all] = [0, 0]
  for (const [index, one] of ones.entries()) {
    const other = others[index]
    for (const part of ['head', 'tail'] as const) {
      const differing = Buffer.from(xor(one[part], other?.[part] ?? ''), 'hex')
      const ones = differing.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      equal += differing.length * 8 - ones
      all += differing.length * 8
    }
  }
  return equal / all
}

/** As long as the shorter one. */
function xor(one: string, other: string): string {
  const [a, b] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')]
  return Buffer.from(a.subarray(0, b.length).map((byte, at) => byte ^ (b[at] ?? 0))).toString('hex')
}
