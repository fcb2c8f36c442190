/** @module Redaction, by example and by property. */
import {
  type CanonicalRecord,
  type ClassTree,
  type PiiAction,
  type PiiClass,
  type Policy,
  piiClasses,
  policies,
  type RecordName,
  records,
} from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { redactRecord } from './redact-record.ts'
import type { FieldClass, FieldClasses } from './view.ts'

const jane = {
  id: '501',
  first_name: 'Jane',
  last_name: 'Doe',
  title: 'CFO',
  email_addresses: [{ email: 'jane@acme.com', is_primary: true }],
  phone_numbers: [{ number: '+1-555-0100', type: 'phone' }],
  addresses: [{ type: 'mailing', city: 'San Francisco', state: 'CA' }],
  account: { id: '200', name: 'Acme' },
  owner: { id: '7' },
  birth_date: '1980-02-03',
  description: 'Call +1 (415) 555-0100 or mail jane@acme.com, card 4111 1111 1111 1111.',
  custom_fields: { twitter__c: 'jane@acme.com', seats__c: 12, phone__c: 14155550100, vip__c: true },
  created_at: '2024-03-15T10:00:00Z',
}
const { classes } = records.contact

const conceal = (value: string, kind: string) => `psn_${kind}_${Buffer.from(value).toString('hex')}`
const said = (custom: Record<string, FieldClass>, fields: Record<string, FieldClass> = {}): FieldClasses => ({
  custom: new Map(Object.entries(custom)),
  fields: new Map(Object.entries(fields)),
})

test('redactRecord() puts pseudonyms that join the same thing wherever it stands', () => {
  const shown = redactRecord(jane, classes, policies.pseudonym, { record: 'contact', conceal })
  expect(shown).toEqual({
    id: conceal('501', 'contact'),
    first_name: conceal('Jane', 'name'),
    last_name: conceal('Doe', 'name'),
    title: 'CFO',
    email_addresses: [{ email: conceal('jane@acme.com', 'email'), is_primary: true }],
    phone_numbers: [{ number: conceal('+1-555-0100', 'phone'), type: 'phone' }],
    addresses: [{ type: 'mailing', city: conceal('San Francisco', 'address'), state: conceal('CA', 'address') }],
    account: { id: conceal('200', 'account'), name: 'Acme' },
    owner: { id: conceal('7', 'user') },
    created_at: jane.created_at,
  })
})

test('redactRecord() strips what should have a pseudonym when there is no key for it', () => {
  expect(redactRecord(jane, classes, policies.pseudonym)).toEqual({
    title: 'CFO',
    email_addresses: [{ is_primary: true }],
    phone_numbers: [{ type: 'phone' }],
    addresses: [{ type: 'mailing' }],
    account: { name: 'Acme' },
    created_at: jane.created_at,
  })
})

test("redactRecord() shows a role those of the account's custom fields that are classified as what it may see", () => {
  const operator = said({
    seats__c: { piiClass: 'business' },
    twitter__c: { piiClass: 'contact' },
    vip__c: { piiClass: 'none', treatment: 'strip' },
  })
  const fields = (policy: Policy) => redactRecord(jane, classes, policy, { operator, conceal })['custom_fields']
  expect(fields(policies.strip)).toEqual({ seats__c: 12 })
  expect(fields(policies.mask)).toEqual({ seats__c: 12, twitter__c: 'j***@acme.com' })
  expect(fields(policies.pseudonym)).toEqual({ seats__c: 12, twitter__c: conceal('jane@acme.com', 'address') })
  // Not classified, so only for who sees everything; and the treatment is a ceiling for everybody.
  expect(fields(policies.full)).toEqual({ seats__c: 12, twitter__c: 'jane@acme.com', phone__c: 14155550100 })
})

test('redactRecord() believes an operator who makes a field stricter, and not one who makes it more visible', () => {
  const stricter = said({}, { title: { piiClass: 'identity' }, description: { piiClass: 'none' } })
  const shown = redactRecord(jane, classes, policies.strip, { operator: stricter })
  expect(shown).not.toHaveProperty('title')
  expect(shown).not.toHaveProperty('description')
  expect(redactRecord(jane, classes, policies.full, { operator: stricter })).toEqual(jane)
})

test('redactRecord() keeps what the policy keeps', () => {
  expect(redactRecord(jane, classes, policies.full)).toEqual(jane)
})

test('redactRecord() masks what reaches a person and scrubs free text', () => {
  expect(redactRecord(jane, classes, policies.mask)).toEqual({
    ...jane,
    email_addresses: [{ email: 'j***@acme.com', is_primary: true }],
    phone_numbers: [{ number: '***00', type: 'phone' }],
    addresses: [{ type: 'mailing', city: '***', state: '***' }],
    birth_date: undefined,
    description: 'Call [phone] or mail [email], card [card].',
    custom_fields: undefined,
  })
})

test('redactRecord() strips without a trace of what was there', () => {
  const stripped = redactRecord(jane, classes, policies.strip)
  expect(stripped).toEqual({
    id: '501',
    title: 'CFO',
    account: { id: '200', name: 'Acme' },
    owner: { id: '7' },
    created_at: jane.created_at,
  })
  const other = { ...jane, first_name: 'X', email_addresses: [], phone_numbers: [], description: '', custom_fields: {} }
  expect(JSON.stringify(redactRecord(other, classes, policies.strip))).toBe(JSON.stringify(stripped))
})

test('redactRecord() drops fields that nobody classified', () => {
  const extended = { ...jane, ssn: '078-05-1120', account: { id: '200', secret: 'x' }, first_name: undefined }
  const shown = redactRecord(extended, classes, policies.full)
  expect(shown).not.toHaveProperty('ssn')
  expect(shown['account']).toEqual({ id: '200' })
  const polluted = JSON.parse(
    '{"id":"1","__proto__":{"x":1},"custom_fields":{"__proto__":"x","constructor":"y","a":1}}',
  )
  expect(redactRecord(polluted, classes, policies.full)).toEqual({ id: '1', custom_fields: { a: 1 } })
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

test('redactRecord() is not confused by values of another shape than the record has', () => {
  const odd = { id: 5, email_addresses: 'jane@acme.com', account: ['Jane'], owner: 'Jane', title: { deep: ['x'] } }
  expect(redactRecord(odd as CanonicalRecord, classes, policies.strip)).toEqual({ id: 5, title: { deep: ['x'] } })
})

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('a', 'é', '7', '@', '.', '-', ' ', '\u200b', '\u202e', '\u{e0041}'),
    maxLength: 60,
  }),
  fc.constantFrom('jane@acme.com', '+1 415 555 0100', '2024-03-15 10:00', '***', '', '4111111111111111', '\ud800'),
)

/** Values that the zod type takes, with hostile text wherever there is text. */
function arbitraryOf(type: z.ZodType): fc.Arbitrary<unknown> {
  if (type instanceof z.ZodOptional) {
    return fc.option(arbitraryOf(type.unwrap() as z.ZodType), { nil: undefined })
  }
  if (type instanceof z.ZodObject) {
    return fc.record(
      Object.fromEntries(Object.entries(type.shape).map(([name, member]) => [name, arbitraryOf(member as z.ZodType)])),
    )
  }
  if (type instanceof z.ZodArray) return fc.array(arbitraryOf(type.element as z.ZodType), { maxLength: 3 })
  if (type instanceof z.ZodRecord)
    return fc.dictionary(hostileText, arbitraryOf(type.valueType as z.ZodType), { maxKeys: 3 })
  if (type instanceof z.ZodUnion) return fc.oneof(...type.options.map((option) => arbitraryOf(option as z.ZodType)))
  if (type instanceof z.ZodEnum) return fc.constantFrom(...type.options)
  if (type instanceof z.ZodBoolean) return fc.boolean()
  if (type instanceof z.ZodNumber) return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (type.safeParse('2024-03-15').success && !type.safeParse('x').success) return fc.constant('2024-03-15')
  if (!type.safeParse('x').success) return fc.constant('2024-03-15T10:00:00Z')
  return hostileText
}

function partial(type: z.ZodType): z.ZodType {
  if (type instanceof z.ZodOptional) return partial(type.unwrap() as z.ZodType).optional()
  if (type instanceof z.ZodArray) return z.array(partial(type.element as z.ZodType))
  if (!(type instanceof z.ZodObject)) return type
  const members = Object.entries(type.shape).map(([name, member]) => [name, partial(member as z.ZodType).optional()])
  return z.strictObject(Object.fromEntries(members))
}

/** Every scalar with the class it has; what has no class is an error. */
function leavesOf(value: unknown, tree: ClassTree): { text: unknown; piiClass: PiiClass }[] {
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, tree))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, member]) => {
      const inner = typeof tree === 'string' ? tree : tree[name]
      if (inner === undefined) throw new Error(`${name} has no class`)
      return leavesOf(member, inner)
    })
  }
  if (typeof tree !== 'string') throw new Error('a scalar stands where an object belongs')
  return [{ text: value, piiClass: tree }]
}

/** Any policy at all, except that labels are kept or stripped: a masked enum would be no value of its type. */
const anyPolicy = fc.record(
  Object.fromEntries(
    piiClasses.map((piiClass) => [
      piiClass,
      fc.constantFrom<PiiAction[]>(
        ...(piiClass === 'none'
          ? (['keep', 'strip'] as const)
          : (['keep', 'mask', 'scrub', 'pseudonym', 'strip'] as const)),
      ),
    ]),
  ),
) as unknown as fc.Arbitrary<Policy>

const anyRecord = fc
  .constantFrom(...(Object.keys(records) as RecordName[]))
  .chain((name) => arbitraryOf(records[name].schema).map((record) => ({ name, record: record as CanonicalRecord })))

test('redactRecord() never shows a stripped class and still matches the record, for any policy', () => {
  fc.assert(
    fc.property(anyRecord, anyPolicy, ({ name, record }, policy) => {
      const shown = redactRecord(record, records[name].classes, policy, { record: name, conceal })
      const shownClasses = leavesOf(shown, records[name].classes).map(({ piiClass }) => policy[piiClass])
      expect(shownClasses).not.toContain('strip')
      const { error } = partial(records[name].schema).safeParse(shown)
      expect(error?.issues ?? []).toEqual([])
    }),
    { numRuns: 1500 },
  )
})

test('redactRecord() applied twice is redactRecord() applied once', () => {
  fc.assert(
    fc.property(anyRecord, anyPolicy, ({ name, record }, policy) => {
      // A pseudonym of a pseudonym is another one.
      fc.pre(!Object.values(policy).includes('pseudonym'))
      const once = redactRecord(record, records[name].classes, policy)
      expect(redactRecord(once, records[name].classes, policy)).toEqual(once)
    }),
    { numRuns: 1500 },
  )
})

test('redactRecord() under strip says the same whatever the person is', () => {
  const person = fc.record({
    first_name: hostileText,
    email_addresses: fc.array(fc.record({ email: hostileText, is_primary: fc.boolean() })),
    addresses: fc.array(fc.record({ type: hostileText, city: hostileText })),
    custom_fields: fc.dictionary(hostileText, hostileText),
    description: fc.option(hostileText, { nil: undefined }),
  })
  fc.assert(
    fc.property(person, person, (one, other) => {
      const shown = (change: object) => JSON.stringify(redactRecord({ ...jane, ...change }, classes, policies.strip))
      expect(shown(one)).toBe(shown(other))
    }),
  )
})
