import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseKeyRing } from './key-ring.ts'
import { open, seal } from './seal.ts'

const key = () => randomBytes(32).toString('base64url')
const place = { purpose: 'vault|acme', context: 'acc_1|7' }

test('open() returns what seal() was given', () => {
  const ring = parseKeyRing(`1:${key()}`)
  fc.assert(
    fc.property(fc.uint8Array(), (plain) => {
      const opened = open(ring, place, seal(ring, place, plain).sealed)
      expect(Buffer.from(opened ?? [255, 255])).toEqual(Buffer.from(plain))
    }),
  )
})

test('open() refuses a changed byte, a cut tail, a short tag, another place and another ring', () => {
  const ring = parseKeyRing(`1:${key()}`)
  const { sealed } = seal(ring, place, Buffer.from('refresh token'))
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed)
    changed[at] = (changed[at] as number) ^ 1
    expect(open(ring, place, changed)).toBeUndefined()
    expect(open(ring, place, sealed.subarray(0, at))).toBeUndefined()
  }
  expect(open(ring, { ...place, context: 'acc_1|6' }, sealed)).toBeUndefined()
  expect(open(ring, { ...place, purpose: 'vault|globex' }, sealed)).toBeUndefined()
  expect(open(parseKeyRing(`1:${key()}`), place, sealed)).toBeUndefined()
  expect(open(ring, place, sealed)).toBeDefined()
})

test('a ring with a new key in front still opens what the old key sealed, and seals with the new one', () => {
  const old = key()
  const before = seal(parseKeyRing(`1:${old}`), place, Buffer.from('x'))
  const rotated = parseKeyRing(`2:${key()},1:${old}`)
  expect(Buffer.from(open(rotated, place, before.sealed) ?? []).toString()).toBe('x')
  expect(seal(rotated, place, Buffer.from('x')).kid).toBe(2)
})

test('parseKeyRing() names the position of a bad key and never its text', () => {
  expect(() => parseKeyRing(`1:${key()},2:hunter2`)).toThrow(/key 2 is not/)
  expect(() => parseKeyRing('1:hunter2')).not.toThrow(/hunter2/)
})
