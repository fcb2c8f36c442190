/**
 * @module
 * Contact: a person at a customer. Field list and classes follow the canonical envelope of the requirement guide.
 */
import { z } from 'zod'
import { defineRecord, field, required } from './field.ts'
import {
  addresses,
  businessReference,
  calendarDate,
  customFields,
  emailAddresses,
  personReference,
  phoneNumbers,
  timestamp,
  timestamps,
} from './parts.ts'

export const contact = defineRecord('contact', {
  id: required('linkable', z.string()),
  first_name: field('identity', z.string()),
  last_name: field('identity', z.string()),
  name: field('identity', z.string()),
  title: field('business', z.string()),
  department: field('business', z.string()),
  email_addresses: emailAddresses(),
  phone_numbers: phoneNumbers(),
  addresses: addresses(),
  account: businessReference(),
  owner: personReference(),
  lead_source: field('none', z.string()),
  lifecycle_stage: field('none', z.string()),
  lead_status: field('none', z.string()),
  birth_date: field('sensitive', calendarDate),
  email_opt_out: field('none', z.boolean()),
  do_not_call: field('none', z.boolean()),
  description: field('free_text', z.string()),
  custom_fields: customFields(),
  ...timestamps,
  last_activity_at: field('none', timestamp),
})

export type Contact = z.infer<typeof contact.schema>
