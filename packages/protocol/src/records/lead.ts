/**
 * @module
 * Lead: somebody who may become a customer. In some systems a lead holds the person's own facts, in others it only
 * points at a contact.
 */
import { z } from 'zod'
import { defineRecord, field, required } from './field.ts'
import {
  addresses,
  businessReference,
  customFields,
  emailAddresses,
  personReference,
  phoneNumbers,
  timestamps,
} from './parts.ts'

export const lead = defineRecord('lead', {
  id: required('linkable', z.string()),
  first_name: field('identity', z.string()),
  last_name: field('identity', z.string()),
  name: field('identity', z.string()),
  title: field('business', z.string()),
  company: field('business', z.string()),
  email_addresses: emailAddresses(),
  phone_numbers: phoneNumbers(),
  addresses: addresses(),
  status: field('none', z.string()),
  rating: field('none', z.string()),
  type: field('none', z.string()),
  lead_source: field('none', z.string()),
  is_converted: field('none', z.boolean()),
  /** The person that the lead is about, or has become. */
  contact: personReference(),
  account: businessReference(),
  opportunity: businessReference(),
  owner: personReference(),
  description: field('free_text', z.string()),
  custom_fields: customFields(),
  ...timestamps,
})

export type Lead = z.infer<typeof lead.schema>
