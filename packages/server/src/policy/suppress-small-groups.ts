/**
 * @module
 * Groups of an aggregate that are so small that a count could stand for a person are merged into one, "other", which is
 * never that small itself. What cannot be hidden by merging is withheld.
 */
import type { Coverage } from '@quartermaster/connectors'
import { type CanonicalRecord, type Policy, piiClasses } from '@quartermaster/protocol'

/** The usual least group of published statistics; a role that sees records in full learns nothing from a small one. */
const LEAST_GROUP = 5

/** What of an answer tells numbers. */
export interface Groups {
  readonly records: readonly CanonicalRecord[]
  readonly coverage?: Coverage
  readonly notes?: readonly string[]
}

/** The smallest group that may be shown under a policy. */
export function leastGroup(policy: Policy): number {
  return piiClasses.every((piiClass) => policy[piiClass] === 'keep') ? 1 : LEAST_GROUP
}

/**
 * Merges groups of fewer than {@link leastGroup} records. When that leaves "other" too small, the next smallest group
 * joins it, or it could be told from the total. When all records together are too few, nothing is told, not even how few.
 */
export function suppressSmallGroups<A extends Groups>(answer: A, policy: Policy): A {
  const least = leastGroup(policy)
  const shown = [...answer.records].sort((a, b) => countOf(b) - countOf(a))
  const merged: CanonicalRecord[] = []
  const inMerged = () => merged.reduce((sum, group) => sum + countOf(group), 0)
  for (let last = shown.at(-1); last !== undefined; last = shown.at(-1)) {
    if (countOf(last) >= least && (merged.length === 0 || inMerged() >= least)) break
    merged.push(last)
    shown.pop()
  }
  if (merged.length === 0) return answer
  if (shown.length > 0 || inMerged() >= least) return { ...answer, records: [...shown, otherOf(merged)] }
  const { coverage: _, ...rest } = answer
  const note = `Fewer than ${least} records match; for this role that is too few to tell how many.`
  return { ...rest, records: [], notes: [...(answer.notes ?? []), note] } as unknown as A
}

function countOf(group: CanonicalRecord): number {
  return Number(group['count'] ?? 0)
}

/** Sums add up; averages of unknown weight do not, so they are left out. */
function otherOf(groups: readonly CanonicalRecord[]): CanonicalRecord {
  const sum: Record<string, unknown> = { is_other: true, count: 0 }
  for (const [name, value] of groups.flatMap((group) => Object.entries(group))) {
    if (name !== 'count' && !name.endsWith('_sum')) continue
    sum[name] = Math.round((Number(sum[name] ?? 0) + Number(value)) * 100) / 100
  }
  return sum
}
