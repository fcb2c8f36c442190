/**
 * @module
 * What a write would change, field by field, in canonical terms.
 */
import { z } from 'zod'

const value = z.union([z.string(), z.number(), z.boolean()])

/** `from` is absent when the field is empty now, when the caller may not read it, and for a new record. */
export const fieldChange = z.object({ field: z.string(), from: value.optional(), to: value.optional() })

export type FieldChange = z.infer<typeof fieldChange>
