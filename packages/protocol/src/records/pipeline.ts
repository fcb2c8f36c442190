/**
 * @module
 * Pipeline and stage: the steps an opportunity goes through. They describe the business, never a person.
 */
import { z } from 'zod'
import { defineRecord, field, list, required } from './field.ts'

const stageFields = {
  id: required('none', z.string()),
  name: field('none', z.string()),
  order: field('none', z.number()),
  is_closed: field('none', z.boolean()),
  is_won: field('none', z.boolean()),
  /** 0 to 1. */
  probability: field('none', z.number()),
  is_active: field('none', z.boolean()),
}

export const stage = defineRecord('stage', {
  ...stageFields,
  pipeline_id: field('none', z.string()),
})

export const pipeline = defineRecord('pipeline', {
  id: required('none', z.string()),
  name: field('none', z.string()),
  object_type: field('none', z.string()),
  stages: list(stageFields),
})

export type Stage = z.infer<typeof stage.schema>
export type Pipeline = z.infer<typeof pipeline.schema>
