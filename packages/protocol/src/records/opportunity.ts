/**
 * @module
 * Opportunity: a sale in progress, won or lost (a deal in some systems).
 */
import { z } from 'zod'
import { defineRecord, field, group, list, required } from './field.ts'
import { businessReference, calendarDate, customFields, personReference, timestamps } from './parts.ts'

export const opportunity = defineRecord('opportunity', {
  id: required('linkable', z.string()),
  name: field('business', z.string()),
  amount: field('business', z.number()),
  currency: field('none', z.string()),
  pipeline: group({ id: required('none', z.string()), name: field('none', z.string()) }),
  stage: group({ id: required('none', z.string()), name: field('none', z.string()) }),
  status: field('none', z.enum(['open', 'won', 'lost'])),
  /** 0 to 1. */
  probability: field('business', z.number()),
  close_date: field('business', calendarDate),
  account: businessReference(),
  contacts: list({ id: required('linkable', z.string()) }),
  owner: personReference(),
  type: field('business', z.string()),
  lead_source: field('none', z.string()),
  next_step: field('free_text', z.string()),
  description: field('free_text', z.string()),
  custom_fields: customFields(),
  ...timestamps,
})

export type Opportunity = z.infer<typeof opportunity.schema>
