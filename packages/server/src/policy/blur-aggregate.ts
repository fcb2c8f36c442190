/**
 * @module
 * Two aggregates whose filters differ by little differ by the few records in between. So for a role that may not see
 * everything a bound is widened to a coarse step, and what is counted within filters is told to about five records.
 * What an argument means follows from its name: `…_min` and `…_max` bound a number, `…_from` and `…_to` a date.
 */
import type { MethodInput } from '@quartermaster/connectors'
import type { CanonicalRecord, Policy } from '@quartermaster/protocol'
import { type Groups, LEAST_GROUP, leastGroup } from './suppress-small-groups.ts'

export interface BlurredQuestion {
  readonly input: MethodInput
  /** Told with the answer, whatever it is. */
  readonly notes: readonly string[]
  readonly isFiltered: boolean
}

/** The question as it is put for a role under `policy`: bounds of numbers at one significant digit, of dates at whole months. */
export function blurQuestion(input: MethodInput, policy: Policy): BlurredQuestion {
  const isFiltered = Object.keys(input.args).some((name) => name !== 'group_by')
  if (leastGroup(policy) === 1 || !isFiltered) return { input, notes: [], isFiltered: false }
  const asked = Object.entries(input.args)
  const put = asked.map(([name, value]) => [name, widen(name, value)] as const)
  const widened = put
    .filter(([, value], index) => value !== asked[index]?.[1])
    .map(([name, value]) => `${name} ${value}`)
  const bounds = widened.length > 0 ? ` Widened: ${widened.join(', ')}.` : ''
  const note = `With filters, this role is told counts to the nearest ${LEAST_GROUP} and sums as coarsely.${bounds}`
  return { input: { ...input, args: Object.fromEntries(put) }, notes: [note], isFiltered }
}

/**
 * Rounds counts to the nearest {@link LEAST_GROUP}, and a sum to 1, 2 or 5 times a power of ten, as much as its step is
 * within what so many records of it are on average. Averages would tell what was rounded away; they are left out.
 */
export function blurFigures<A extends Groups>(answer: A): A {
  const { coverage } = answer
  const covered = coverage && { ...coverage, covered: toNearest(coverage.covered, LEAST_GROUP) }
  const rounded = covered && { ...covered, total: toNearest(covered.total, LEAST_GROUP) }
  return { ...answer, records: answer.records.map(blurGroup), ...(rounded ? { coverage: rounded } : {}) }
}

function blurGroup(group: CanonicalRecord): CanonicalRecord {
  const told = Object.entries(group).flatMap(([name, value]): (readonly [string, unknown])[] => {
    if (typeof value !== 'number' || name.endsWith('_count')) return [[name, value]]
    if (name === 'count') return [[name, toNearest(value, LEAST_GROUP)]]
    if (!name.endsWith('_sum')) return []
    const average = Math.abs(value) / Number(group[`${name.slice(0, -4)}_count`])
    return Number.isFinite(average) ? [[name, toNearest(value, stepWithin(average * LEAST_GROUP))]] : []
  })
  return Object.fromEntries(told)
}

function widen(name: string, value: string | number | boolean): string | number | boolean {
  if (typeof value === 'number' && name.endsWith('_min')) return toDigit(value, Math.floor)
  if (typeof value === 'number' && name.endsWith('_max')) return toDigit(value, Math.ceil)
  // What is no date goes on as it is, and is refused as such.
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return value
  if (Number.isNaN(Date.parse(`${value}T00:00:00Z`))) return value
  if (name.endsWith('_from')) return `${value.slice(0, 7)}-01`
  return name.endsWith('_to') ? lastOfMonth(value) : value
}

function lastOfMonth(day: string): string {
  const [year = 0, month = 0] = day.split('-').map(Number)
  return `${day.slice(0, 7)}-${new Date(Date.UTC(year, month, 0)).getUTCDate()}`
}

function toDigit(value: number, round: (value: number) => number): number {
  if (value === 0) return 0
  const step = 10 ** Math.floor(Math.log10(Math.abs(value)))
  return toNearest(value, step, round)
}

function toNearest(value: number, step: number, round: (value: number) => number = Math.round): number {
  // Steps below one are written without what binary fractions add.
  return step > 0 ? Number((round(Number((value / step).toPrecision(12))) * step).toPrecision(12)) : value
}

function stepWithin(most: number): number {
  if (most === 0) return 0
  const power = 10 ** Math.floor(Math.log10(most))
  return power * ([5, 2].find((times) => power * times <= most) ?? 1)
}
