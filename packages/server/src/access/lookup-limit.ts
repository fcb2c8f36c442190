/**
 * @module
 * How fast one process looks for secrets that it has never found. Whoever guesses costs at most so many queries a
 * second; secrets that were found before are looked up without limit.
 */
export interface LookupLimit {
  /** False when the secret behind this hash must not be looked up now. */
  admit(hash: string): boolean
  /** The secret behind this hash is a good one: it was not a guess. */
  found(hash: string): void
}

/** Far above what honest mistakes make, far below what a store feels. */
const MISSES_PER_S = 100
const BURST = 1_000
const REMEMBERED = 10_000

/** The generic cell rate algorithm over misses; a hit gives its cell back. */
export function lookupLimit(now: () => number): LookupLimit {
  const intervalMs = 1_000 / MISSES_PER_S
  const toleranceMs = intervalMs * BURST
  const known = new Set<string>()
  const pending = new Set<string>()
  let emptyAt = 0

  return {
    admit(hash) {
      if (known.has(hash)) return true
      const at = now()
      const start = Math.max(emptyAt, at)
      if (start + intervalMs - toleranceMs > at) return false
      emptyAt = start + intervalMs
      pending.add(hash)
      if (pending.size > BURST) pending.delete(oldest(pending))
      return true
    },
    found(hash) {
      if (pending.delete(hash)) emptyAt -= intervalMs
      known.delete(hash)
      known.add(hash)
      if (known.size > REMEMBERED) known.delete(oldest(known))
    },
  }
}

function oldest(hashes: ReadonlySet<string>): string {
  const [first = ''] = hashes
  return first
}
