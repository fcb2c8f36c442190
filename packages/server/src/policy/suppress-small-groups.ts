/**
 * @module
 * Groups of an aggregate that are so small that a figure could stand for a person are merged into one, "other", which is
 * never that small itself. What cannot be hidden by merging is withheld. What a measure means follows from its name, as
 * where groups are added up: `amount_sum`, `amount_avg`, … are over the `amount_count` records that have the value.
 */
import type { Coverage } from '@quartermaster/connectors'
import type { CanonicalRecord, Policy } from '@quartermaster/protocol'
import { keepsEverything } from './view.ts'

/** The usual least group of published statistics; a role that sees records in full learns nothing from a small one. */
export const LEAST_GROUP = 5

/** What of an answer tells numbers. */
export interface Groups {
  readonly records: readonly CanonicalRecord[]
  readonly coverage?: Coverage
  readonly notes?: readonly string[]
}

const measureName = /^(.+)_(?:sum|avg|min|max|count)$/

/** The smallest group that may be shown under a policy. */
export function leastGroup(policy: Policy): number {
  return keepsEverything(policy) ? 1 : LEAST_GROUP
}

/**
 * Merges groups of fewer than {@link leastGroup} records. When that leaves "other" too small, the next smallest group
 * joins it, or it could be told from the total. A measure over fewer values than that is withheld, and one more group's
 * with it, for the same reason. When all records together are too few, nothing is told: not how few, nor that there are
 * any.
 */
export function suppressSmallGroups<A extends Groups>(answer: A, policy: Policy): A {
  const least = leastGroup(policy)
  if (least === 1) return answer
  const records = mergeSmall(answer.records, least)
  if (records) return { ...answer, records: withholdThin(records, least) }
  const { coverage: _, ...rest } = answer
  const note = `Fewer than ${least} records match, or none; for this role that is too few to tell how many.`
  return { ...rest, records: [], notes: [...(answer.notes ?? []), note] } as unknown as A
}

/** How many values a measure is over is for whoever decides what is told, and for nobody else. */
export function withoutValueCounts<A extends Groups>(answer: A): A {
  const told = (record: CanonicalRecord) => Object.entries(record).filter(([name]) => !name.endsWith('_count'))
  return { ...answer, records: answer.records.map((record) => Object.fromEntries(told(record))) }
}

/** Undefined when all of them together are too few. */
function mergeSmall(groups: readonly CanonicalRecord[], least: number): readonly CanonicalRecord[] | undefined {
  const shown = [...groups].sort((a, b) => countOf(b) - countOf(a))
  const merged: CanonicalRecord[] = []
  const inMerged = () => merged.reduce((sum, group) => sum + countOf(group), 0)
  for (let last = shown.at(-1); last !== undefined; last = shown.at(-1)) {
    if (countOf(last) >= least && (merged.length === 0 || inMerged() >= least)) break
    merged.push(last)
    shown.pop()
  }
  if (shown.length === 0 && inMerged() < least) return undefined
  return merged.length === 0 ? groups : [...shown, otherOf(merged)]
}

function countOf(group: CanonicalRecord, name = 'count'): number {
  return Number(group[name] ?? 0)
}

/** Sums and counts add up; averages of unknown weight do not, so they are left out. */
function otherOf(groups: readonly CanonicalRecord[]): CanonicalRecord {
  const sum: Record<string, unknown> = { is_other: true, count: 0 }
  for (const [name, value] of groups.flatMap((group) => Object.entries(group))) {
    if (name !== 'count' && !name.endsWith('_count') && !name.endsWith('_sum')) continue
    sum[name] = Math.round((Number(sum[name] ?? 0) + Number(value)) * 100) / 100
  }
  return sum
}

function withholdThin(groups: readonly CanonicalRecord[], least: number): readonly CanonicalRecord[] {
  const names = groups.flatMap((group) => Object.keys(group))
  const measures = new Set(names.flatMap((name) => measureName.exec(name)?.[1] ?? []))
  return [...measures].reduce((told, measure) => withholdMeasure(told, measure, least), groups)
}

function withholdMeasure(
  groups: readonly CanonicalRecord[],
  measure: string,
  least: number,
): readonly CanonicalRecord[] {
  const values = (group: CanonicalRecord) => countOf(group, `${measure}_count`)
  const thin = new Set(groups.filter((group) => values(group) < least))
  if (thin.size === 0) return groups
  const inThin = [...thin].reduce((sum, group) => sum + values(group), 0)
  const others = groups.filter((group) => !thin.has(group)).sort((a, b) => values(a) - values(b))
  if (inThin < least && others[0]) thin.add(others[0])
  const isOf = (name: string) => measureName.exec(name)?.[1] === measure
  return groups.map((group) =>
    thin.has(group) ? Object.fromEntries(Object.entries(group).filter(([name]) => !isOf(name))) : group,
  )
}
