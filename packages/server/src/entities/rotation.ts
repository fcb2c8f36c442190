/**
 * @module
 * Rotation of a token: the new one opens what the old one did, and the old one works on for an overlap.
 */
import { z } from 'zod'

/** A day: long enough to bring a new secret to every place that uses it, short enough to end by itself. */
const DEFAULT_OVERLAP_S = 86_400
/** A week. An old secret that works for longer is a second secret, not an overlap. */
const MAX_OVERLAP_S = 604_800

/** 0 ends the old one at once, which is right for one that has leaked. */
export const rotation = z.strictObject({
  overlap_s: z.number().int().min(0).max(MAX_OVERLAP_S).default(DEFAULT_OVERLAP_S),
})

/** The end of the old token, as answers say it; null when it does not work any more, or when there is none. */
export function shownOldUntil(oldUntil: number | undefined, now: number): string | null {
  return oldUntil !== undefined && oldUntil > now ? new Date(oldUntil).toISOString() : null
}
