/**
 * @module
 * Whether this process can serve. The answer is checked at most once a second, however often it is asked for.
 */
const KEPT_MS = 1_000

/**
 * @param check rejects when it cannot; it must come to an end by itself
 * @returns the same, with the answer of the last second, or of the check under way, for everybody
 */
export function readiness(check: () => Promise<void>, now: () => number): () => Promise<void> {
  let last: Promise<void> | undefined
  let keptUntil = Number.NEGATIVE_INFINITY
  return () => {
    if (last && now() < keptUntil) return last
    keptUntil = Number.POSITIVE_INFINITY
    const mine = check().finally(() => {
      keptUntil = now() + KEPT_MS
    })
    last = mine
    return mine
  }
}
