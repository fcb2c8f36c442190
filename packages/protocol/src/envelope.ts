/**
 * @module
 * What a successful call returns: one compact JSON object, the same for every system.
 */
import { z } from 'zod'

const record = z.record(z.string(), z.unknown())

/** List and search. `result_count` counts this page. `next_cursor` is sealed: pass it back exactly as received. */
export const pageEnvelope = z.object({
  result: z.array(record),
  next_cursor: z.string().nullable(),
  result_count: z.number().int().nonnegative(),
  /** Only when the system itself says how many records match in all. */
  total_count: z.number().int().nonnegative().optional(),
  /** What the caller should know about this answer, such as arguments that were ignored. */
  notes: z.array(z.string()).optional(),
})

/** Get, create, update and delete. A deleted record is `{ id, deleted: true }`. */
export const recordEnvelope = z.object({ result: record, notes: z.array(z.string()).optional() })

export type PageEnvelope = z.infer<typeof pageEnvelope>
export type RecordEnvelope = z.infer<typeof recordEnvelope>
export type Envelope = PageEnvelope | RecordEnvelope
