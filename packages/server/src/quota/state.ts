/**
 * @module
 * The buckets of an account as the text that the store keeps. A text that cannot be read counts as none: what is lost
 * is one window's count.
 */
import { z } from 'zod'
import type { Bucket } from './bucket.ts'

export type Buckets = Readonly<Record<string, Bucket>>

const count = z.number().int().nonnegative()
const bucket = z.object({
  limit: count.optional(),
  windowMs: z.number().int().positive().optional(),
  hold: z.object({ until: count, why: z.enum(['refused', 'reserve']) }).optional(),
  used: z.array(z.tuple([count, count])),
  blocks: z.array(z.object({ id: z.string(), permits: count, sendUntil: count, until: count })),
})
const buckets = z.record(z.string(), bucket)

export function readState(text: string): Buckets {
  try {
    return buckets.parse(JSON.parse(text))
  } catch {
    return {}
  }
}

export function writeState(state: Buckets): string {
  return JSON.stringify(state)
}
