/**
 * @module
 * One token bucket for each key. By the generic cell rate algorithm a bucket is one number: the time at which it would
 * be full again.
 */
import { LRUCache } from 'lru-cache'

export interface BucketSize {
  /** Tokens a second, sustained. */
  readonly ratePerS: number
  /** Tokens at once after a pause. */
  readonly burst: number
}

export interface TokenBuckets {
  /** Milliseconds until the bucket has a token; not above 0 when it has one at `at`. */
  waitMs(key: string, at: number): number
  /** Takes a token, also one that is not there yet. */
  take(key: string, at: number): void
  /** Puts back a token that was taken. */
  refund(key: string): void
}

/** Of the buckets that are not full, the least recently used is forgotten first, and is full then. */
const MAX_KEYS = 10_000

export function tokenBuckets({ ratePerS, burst }: BucketSize): TokenBuckets {
  const intervalMs = 1_000 / ratePerS
  const toleranceMs = intervalMs * burst
  const fullAt = new LRUCache<string, number>({ max: MAX_KEYS })
  const startOf = (key: string, at: number) => Math.max(fullAt.get(key) ?? at, at)
  return {
    waitMs: (key, at) => startOf(key, at) + intervalMs - toleranceMs - at,
    take: (key, at) => void fullAt.set(key, startOf(key, at) + intervalMs),
    refund(key) {
      const at = fullAt.get(key)
      if (at !== undefined) fullAt.set(key, at - intervalMs)
    },
  }
}
