/**
 * @module
 * How fast one process looks for secrets that it has never found. Whoever guesses costs at most so many queries a
 * second; secrets that were found before are looked up without limit.
 */
import { LRUCache } from 'lru-cache'
import { tokenBuckets } from '../time/token-buckets.ts'

export interface LookupLimit {
  /** False when the secret behind this hash must not be looked up now. */
  admit(hash: string): boolean
  /** The secret behind this hash is a good one: it was not a guess. */
  found(hash: string): void
}

/** Far above what honest mistakes make, far below what a store feels. */
const MISSES = { ratePerS: 100, burst: 1_000 }
const REMEMBERED = 10_000
/** All guesses of the process share one bucket. */
const GUESSES = 'guesses'

/** Each lookup of an unknown secret takes a token; a hit gives it back. */
export function lookupLimit(now: () => number): LookupLimit {
  const bucket = tokenBuckets(MISSES)
  const known = new LRUCache<string, true>({ max: REMEMBERED })
  const pending = new LRUCache<string, true>({ max: MISSES.burst })
  return {
    admit(hash) {
      if (known.has(hash)) return true
      const at = now()
      if (bucket.waitMs(GUESSES, at) > 0) return false
      bucket.take(GUESSES, at)
      pending.set(hash, true)
      return true
    },
    found(hash) {
      if (pending.delete(hash)) bucket.refund(GUESSES)
      known.set(hash, true)
    },
  }
}
