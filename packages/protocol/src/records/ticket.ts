/**
 * @module
 * Ticket: something a customer asked for help with (a case in some systems).
 */
import { z } from 'zod'
import { defineRecord, field, group, required } from './field.ts'
import { businessReference, customFields, personReference, timestamp, timestamps } from './parts.ts'

export const ticket = defineRecord('ticket', {
  id: required('linkable', z.string()),
  /** What people quote; not the id that other tools take. */
  number: field('linkable', z.string()),
  subject: field('free_text', z.string()),
  description: field('free_text', z.string()),
  /** The system's own step, such as `Escalated`; an id in systems that have pipelines of tickets. */
  stage: group({ id: required('none', z.string()), name: field('none', z.string()) }),
  status: field('none', z.enum(['open', 'closed'])),
  priority: field('none', z.string()),
  type: field('none', z.string()),
  origin: field('none', z.string()),
  contact: personReference(),
  account: businessReference(),
  owner: personReference(),
  closed_at: field('none', timestamp),
  custom_fields: customFields(),
  ...timestamps,
})

export type Ticket = z.infer<typeof ticket.schema>
