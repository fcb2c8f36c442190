/**
 * @module
 * What a successful call returns: one compact JSON object, the same for every system.
 */
import { z } from 'zod'

const record = z.record(z.string(), z.unknown())

/** List, search, batch reads and aggregates. `result_count` counts this page. `next_cursor` is sealed: pass it back exactly as received. */
export const pageEnvelope = z.object({
  result: z.array(record),
  next_cursor: z.string().nullable(),
  result_count: z.number().int().nonnegative(),
  /** Only when the system itself says how many records match in all. */
  total_count: z.number().int().nonnegative().optional(),
  /** Batch reads: the ids, as they were asked for, that no record was found for. Absent when there are none. */
  missing_ids: z.array(z.string()).optional(),
  /** Aggregates: how many records were counted, of how many. */
  covered: z.number().int().nonnegative().optional(),
  total: z.number().int().nonnegative().optional(),
  /** Aggregates: false when the system held more records than one call counts; the figures are then of `covered` only. */
  complete: z.boolean().optional(),
  /** What the caller should know about this answer, such as arguments that were ignored. */
  notes: z.array(z.string()).optional(),
})

/** Get, create, update and delete. A deleted record is `{ id, deleted: true }`. */
export const recordEnvelope = z.object({ result: record, notes: z.array(z.string()).optional() })

export type PageEnvelope = z.infer<typeof pageEnvelope>
export type RecordEnvelope = z.infer<typeof recordEnvelope>
export type Envelope = PageEnvelope | RecordEnvelope
