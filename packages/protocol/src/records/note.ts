/**
 * @module
 * Note: what a colleague wrote down about a record. Text without markup.
 */
import { z } from 'zod'
import { defineRecord, field, required } from './field.ts'
import { personReference, relatedRecords, timestamps } from './parts.ts'

export const note = defineRecord('note', {
  id: required('linkable', z.string()),
  title: field('free_text', z.string()),
  body: field('free_text', z.string()),
  related_to: relatedRecords(),
  owner: personReference(),
  ...timestamps,
})

export type Note = z.infer<typeof note.schema>
