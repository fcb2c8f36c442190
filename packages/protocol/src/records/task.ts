/**
 * @module
 * Task: something a colleague is to do, with what it is about.
 */
import { z } from 'zod'
import { defineRecord, field, required } from './field.ts'
import { calendarDate, customFields, personReference, relatedRecords, timestamps } from './parts.ts'

export const task = defineRecord('task', {
  id: required('linkable', z.string()),
  subject: field('free_text', z.string()),
  body: field('free_text', z.string()),
  status: field('none', z.string()),
  is_completed: field('none', z.boolean()),
  priority: field('none', z.string()),
  type: field('none', z.string()),
  due_date: field('none', calendarDate),
  related_to: relatedRecords(),
  owner: personReference(),
  custom_fields: customFields(),
  ...timestamps,
})

export type Task = z.infer<typeof task.schema>
