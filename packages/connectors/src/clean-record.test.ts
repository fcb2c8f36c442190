/** @module What a mapping builds, and what becomes of it. */
import { records } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanRecord } from './clean-record.ts'

test('cleanRecord() leaves out nulls and misfits, and fills in what every record has', () => {
  const mapped = {
    id: '1',
    first_name: null,
    last_name: 7,
    email_addresses: { email: 'a@b.c', is_primary: true },
    phone_numbers: [{ number: null, type: 'fax' }, { number: '1', type: 'phone' }, null],
    addresses: [{ type: 'billing', city: null }],
    account: { id: null, name: 'Acme' },
    owner: { id: '9', name: 'Never shown' },
    birth_date: '1980-1-1',
  }
  expect(cleanRecord('contact', mapped)).toEqual({
    id: '1',
    email_addresses: [{ email: 'a@b.c', is_primary: true }],
    phone_numbers: [{ number: '1', type: 'phone' }],
    addresses: [],
    owner: { id: '9' },
    custom_fields: {},
  })
})

test('cleanRecord() of a partial record invents no empty lists', () => {
  expect(cleanRecord('contact', { id: '1', addresses: [], custom_fields: {} }, { partial: true })).toEqual({ id: '1' })
  expect(cleanRecord('contact', { title: 'CTO' }, { partial: true })).toBeUndefined()
})

test('cleanRecord() gives a canonical record or nothing, whatever was mapped', () => {
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(Object.keys(records.contact.classes).map((name) => [name, fc.jsonValue()])), {
        requiredKeys: [],
      }),
      fc.option(fc.string({ minLength: 1 })),
      (mapped, id) => {
        const record = cleanRecord('contact', { ...mapped, id })
        return id === null ? record === undefined : records.contact.schema.safeParse(record).success
      },
    ),
    { numRuns: 500 },
  )
})

test('cleanRecord() lets no custom field reach a prototype', () => {
  const custom = JSON.parse('{"__proto__":"x","constructor":"y","prototype":"z","mine":"m","deep":{"a":1}}') as object
  const record = cleanRecord('contact', { id: '1', custom_fields: custom })
  expect(Object.keys(record?.['custom_fields'] as object)).toEqual(['mine'])
})
