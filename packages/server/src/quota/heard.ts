/**
 * @module
 * What an answer says about a window, brought together with our own count of it: the stated limit wins, and calls that
 * we did not make are another program's.
 */
import { addUses, type Bucket, countedSince, slotEnd, type Window } from './bucket.ts'

/** Quota facts of one answer. */
export interface Heard {
  readonly limit?: number | undefined
  readonly remaining?: number | undefined
  readonly windowMs?: number | undefined
  /** When the request left, and when its answer had come. */
  readonly sentAt: number
  readonly answeredAt: number
}

/** Differences up to this part of the limit are calls under way, not another program. */
const TOLERANCE = 0.05

/** The bucket with the stated limit and window length. The same object when nothing is new. */
export function learn(bucket: Bucket, declared: Window, { limit, windowMs }: Heard): Bucket {
  const known = { limit: bucket.limit ?? declared.limit, windowMs: bucket.windowMs ?? declared.windowMs }
  const told = { limit: limit ?? known.limit, windowMs: windowMs || known.windowMs }
  if (told.limit === known.limit && told.windowMs === known.windowMs) return bucket
  return { ...bucket, ...told }
}

/** Counts the calls of other programs. The same object when there are none, or the answer is too old to tell. */
export function countOthers(bucket: Bucket, window: Window, heard: Heard, now: number): Bucket {
  const { remaining, sentAt, answeredAt } = heard
  const { limit, windowMs } = window
  const tookMs = answeredAt - sentAt
  if (remaining === undefined || tookMs > windowMs / 4 || answeredAt < now - windowMs / 4) return bucket
  // The system counts a call when it arrives, up to the time of an answer later than we do, and forgets it as late.
  const ours = countedSince(bucket, sentAt - tookMs - 1.1 * windowMs)
  const others = limit - remaining - ours
  if (others <= Math.max(2, limit * TOLERANCE)) return bucket
  return addUses(bucket, window, [[slotEnd(answeredAt, windowMs), others]])
}
