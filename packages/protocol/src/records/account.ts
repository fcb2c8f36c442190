/**
 * @module
 * Account: an organisation that is, was or may become a customer (a company in some systems).
 */
import { z } from 'zod'
import { defineRecord, field, required } from './field.ts'
import { addresses, businessReference, customFields, personReference, phoneNumbers, timestamps } from './parts.ts'

export const account = defineRecord('account', {
  id: required('linkable', z.string()),
  name: field('business', z.string()),
  domain: field('none', z.string()),
  website: field('none', z.string()),
  industry: field('business', z.string()),
  type: field('business', z.string()),
  description: field('free_text', z.string()),
  employee_count: field('business', z.number()),
  annual_revenue: field('business', z.number()),
  phone_numbers: phoneNumbers(),
  addresses: addresses(),
  parent: businessReference(),
  owner: personReference(),
  custom_fields: customFields(),
  ...timestamps,
})

export type Account = z.infer<typeof account.schema>
