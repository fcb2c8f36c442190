/** @module What stands in audit rows of a call's arguments, now and in rows that are years old. */
import { createHmac } from 'node:crypto'
import type { MethodInput } from '@quartermaster/connectors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TenantKeys } from '../audit/chain-row.ts'
import { argumentNames, digestOf } from './argument-names.ts'

const keys = { digest: Buffer.alloc(32, 7) } as unknown as TenantKeys

test('digestOf() and argumentNames() give what they have always given, whatever the order of the arguments', () => {
  // As rows were written from the first version on: the sorted names rebuilt, then plain JSON.
  const before = ({ id, args, limit, cursor }: MethodInput) => {
    const all = {
      ...args,
      ...(id === undefined ? {} : { id }),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { next_cursor: cursor }),
    }
    const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
    const text = JSON.stringify(['a_tool', 'acc_1', sorted])
    return [Object.keys(sorted).join(), createHmac('sha256', keys.digest).update(text).digest('base64url').slice(0, 22)]
  }
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  )
  const input = fc.record(
    { args: fc.dictionary(name, value), id: fc.string(), limit: fc.nat(), cursor: fc.string() },
    { requiredKeys: ['args'] },
  )
  fc.assert(
    fc.property(input, (one) => {
      const args = Object.fromEntries(Object.entries(one.args).reverse())
      const backwards = { ...one, args } as MethodInput
      expect([argumentNames(backwards), digestOf(keys, 'a_tool', 'acc_1', backwards)]).toEqual(
        before(one as MethodInput),
      )
    }),
  )
})
