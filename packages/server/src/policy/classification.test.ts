/** @module What an operator says of fields. */
import { loadCatalog } from '@quartermaster/connectors'
import { policies, records } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { ClassificationInvalid, parseClassification } from './classification.ts'
import { redactRecord } from './redact-record.ts'

const catalog = loadCatalog()
const file = `
format: 1
tenants:
  "*":
    hubspot:
      contact:
        custom_fields:
          badge_number: linkable
          favourite_colour: none
  acme:
    hubspot:
      contact:
        fields: { title: identity, account.name: { class: business, treatment: strip } }
        custom_fields: { favourite_colour: { class: sensitive, treatment: strip } }
`

test('of() merges what is said for all with what is said for one tenant, which stands first', () => {
  const classification = parseClassification(file, catalog)
  const everybody = classification.of('globex', 'hubspot', 'contact')
  expect([...everybody.custom]).toEqual([
    ['badge_number', { piiClass: 'linkable' }],
    ['favourite_colour', { piiClass: 'none' }],
  ])
  const acme = classification.of('acme', 'hubspot', 'contact')
  expect(acme.custom.get('badge_number')).toEqual({ piiClass: 'linkable' })
  expect(acme.custom.get('favourite_colour')).toEqual({ piiClass: 'sensitive', treatment: 'strip' })
  expect(acme.fields.get('account.name')).toEqual({ piiClass: 'business', treatment: 'strip' })
  expect(classification.of('acme', 'hubspot', 'contact')).toBe(acme)
  expect(classification.of('acme', 'salesforce', 'contact').custom.size).toBe(0)
  expect(classification.of('__proto__', 'constructor', 'toString').custom.size).toBe(0)
})

test('what is said of a field holds for what sums it up, and a summary can be stricter still', () => {
  const salesforce = `
format: 1
tenants:
  "*":
    salesforce:
      opportunity:
        fields: { amount: sensitive, close_date: { class: none, treatment: strip }, amount_sum: identity, stage.id: contact }
`
  const { fields } = parseClassification(salesforce, catalog).of('acme', 'salesforce', 'opportunity')
  expect(fields.get('amount_avg')).toEqual({ piiClass: 'sensitive' })
  expect(fields.get('amount_sum')).toEqual({ piiClass: 'identity', and: { piiClass: 'sensitive' } })
  const group = { close_month: '2026-11', stage_id: 'won', status: 'won', count: 9, amount_sum: 7, amount_avg: 1 }
  const { classes } = records.opportunity_summary
  const shown = (policy: 'full' | 'mask') =>
    redactRecord(group, classes, policies[policy], { operator: { fields, custom: new Map() } })
  expect(shown('full')).toEqual({ stage_id: 'won', status: 'won', count: 9, amount_sum: 7, amount_avg: 1 })
  expect(shown('mask')).toEqual({ stage_id: '***', status: 'won', count: 9 })
})

test('parseClassification() names every fault at once, each with its path', () => {
  const faults = (text: string) => {
    try {
      parseClassification(text, catalog)
    } catch (error) {
      if (error instanceof ClassificationInvalid) return error.faults.map(({ path }) => path)
      throw error
    }
    return []
  }
  expect(
    faults(`
format: 1
tenants:
  acme:
    nosuch: { contact: {} }
    hubspot:
      contacts: {}
      contact: { fields: { nosuch: none, email_addresses: none, email_addresses.email: none, custom_fields: none } }`),
  ).toEqual([
    'tenants.acme.nosuch',
    'tenants.acme.hubspot.contacts',
    'tenants.acme.hubspot.contact.fields.nosuch',
    'tenants.acme.hubspot.contact.fields.email_addresses',
    'tenants.acme.hubspot.contact.fields.custom_fields',
  ])
  const shape = faults(`
format: 1
extra: 1
tenants: { acme: { hubspot: { contact: { custom_fields: { a: personal, b: { class: none, how: x }, c: unclassified } } } } }`)
  expect(shape).toEqual(expect.arrayContaining([expect.stringMatching(/custom_fields\.a$/), '']))
  expect(shape.filter((path) => /custom_fields\.[abc]/.test(path))).toHaveLength(3)
  expect(faults('a: 1\na: 2')).toEqual(['line 2'])
  expect(faults('format: 2')).toContain('format')
  expect(faults('')).not.toEqual([])
})
