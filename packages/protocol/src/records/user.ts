/**
 * @module
 * User: a colleague with a seat in the system; the owner of records.
 */
import { z } from 'zod'
import { defineRecord, field, list, required } from './field.ts'
import { timestamps } from './parts.ts'

export const user = defineRecord('user', {
  id: required('linkable', z.string()),
  name: field('identity', z.string()),
  first_name: field('identity', z.string()),
  last_name: field('identity', z.string()),
  email: field('contact', z.string()),
  username: field('contact', z.string()),
  is_active: field('none', z.boolean()),
  title: field('business', z.string()),
  time_zone: field('none', z.string()),
  teams: list({ id: required('none', z.string()), name: field('business', z.string()) }),
  ...timestamps,
})

export type User = z.infer<typeof user.schema>
