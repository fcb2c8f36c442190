/**
 * @module
 * Adds up the pages of an aggregate: groups of one key become one, whether the system sent groups or single records.
 * What a field means follows from its name, in every summary: `count`, `…_count` and `…_sum` are added, the rest is the key.
 */
import type { CanonicalRecord } from '@quartermaster/protocol'
import type { OkOutcome } from './contract.ts'

type Group = Record<string, unknown> & { count: number }

/** One outcome with a group for each key, the largest first, with averages beside the sums and the counts they need. */
export function foldGroups(pages: readonly OkOutcome[], complete: boolean): OkOutcome {
  const groups = new Map<string, Group>()
  for (const row of pages.flatMap(({ records }) => records)) {
    const key = keyOf(row)
    groups.set(key, add(groups.get(key), row))
  }
  const sorted = [...groups].sort(([a, left], [b, right]) => right.count - left.count || (a < b ? -1 : 1))
  const covered = sorted.reduce((sum, [, { count }]) => sum + count, 0)
  const last = pages.at(-1)
  const told = pages.find(({ totalCount }) => totalCount !== undefined)?.totalCount
  return {
    ok: true,
    records: sorted.map(([, group]) => withAverages(group)),
    coverage: { covered, total: complete ? covered : Math.max(covered, told ?? covered), complete },
    quotas: last?.quotas ?? [],
  }
}

function isMeasure(name: string): boolean {
  return name === 'count' || name.endsWith('_count') || name.endsWith('_sum')
}

function keyOf(row: CanonicalRecord): string {
  return JSON.stringify(Object.entries(row).filter(([name]) => !isMeasure(name)))
}

function add(group: Group | undefined, row: CanonicalRecord): Group {
  const sum: Group = group ?? { count: 0 }
  for (const [name, value] of Object.entries(row)) {
    if (!isMeasure(name)) sum[name] = value
    else if (typeof value === 'number') sum[name] = Number(sum[name] ?? 0) + value
  }
  return sum
}

function withAverages({ count, ...group }: Group): CanonicalRecord {
  const shown: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(group)) {
    if (!isMeasure(name)) shown[name] = value
  }
  shown['count'] = count
  for (const [name, value] of Object.entries(group)) {
    const of = name.endsWith('_sum') ? Number(group[`${name.slice(0, -4)}_count`] ?? 0) : undefined
    if (of === undefined || of === 0) continue
    // Amounts are kept in cents at most; adding thousands of them leaves digits that mean nothing.
    shown[name] = toCents(Number(value))
    shown[`${name.slice(0, -4)}_avg`] = toCents(Number(value) / of)
    shown[`${name.slice(0, -4)}_count`] = of
  }
  return shown
}

function toCents(value: number): number {
  return Math.round(value * 100) / 100
}
