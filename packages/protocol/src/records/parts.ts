/**
 * @module
 * Shapes that several canonical records share: references to other records, phone numbers, addresses, custom fields.
 */
import { z } from 'zod'
import { field, group, list, required } from './field.ts'

/** RFC 3339 in UTC without fractions: `2024-03-15T10:00:00Z`. */
export const timestamp = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)

/** A calendar date: `2024-03-15`. */
export const calendarDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)

/** A reference to a record of the same system. The name is what the business calls it, never a person's name. */
export const businessReference = () =>
  group({ id: required('linkable', z.string()), name: field('business', z.string()) })

/** A reference to a record that stands for a person: only the id, so that no name travels with it. */
export const personReference = () => group({ id: required('linkable', z.string()) })

export const emailAddresses = () =>
  list({
    email: required('contact', z.string()),
    type: field('none', z.string()),
    is_primary: required('none', z.boolean()),
  })

export const phoneNumbers = () => list({ number: required('contact', z.string()), type: required('none', z.string()) })

export const addresses = () =>
  list({
    type: field('none', z.string()),
    street: field('contact', z.string()),
    city: field('contact', z.string()),
    state: field('contact', z.string()),
    postal_code: field('contact', z.string()),
    country: field('contact', z.string()),
  })

/**
 * Fields that only this account has. What they hold is unknown until an operator classifies them, each by its name.
 */
export const customFields = () =>
  required('unclassified', z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))

/** What a task or note is about: ids of contacts, accounts, opportunities, tickets, leads. */
export const relatedRecords = () => list({ type: required('none', z.string()), id: required('linkable', z.string()) })

export const timestamps = {
  created_at: field('none', timestamp),
  updated_at: field('none', timestamp),
}
