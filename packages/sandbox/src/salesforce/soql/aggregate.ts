/**
 * @module
 * Aggregate queries: groups of records, each rendered as one AggregateResult.
 */
import { refused } from '../refusal.ts'
import type { Row, Value } from '../row.ts'
import { type Comparable, comparableOf, compare } from './compare.ts'
import type { AggregateItem, DatePart, Path, Query } from './query.ts'
import { resolvePath, type Scope } from './scope.ts'
import type { Rendered } from './selection.ts'
import { complaint } from './token.ts'

/** @throws {Refused} when a selected field is neither grouped nor aggregated. */
export function aggregate(query: Query, scope: Scope, rows: readonly Row[]): readonly Rendered[] {
  const keys = query.groupBy.map((path) => groupReader(scope, path))
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(keys.map((key) => key(row)))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  if (keys.length === 0 && groups.size === 0) groups.set('', [])
  return [...groups.values()].map((group) => renderGroup(query, scope, group))
}

/** What rows are put together by. @throws {Refused} when the field cannot be grouped so. */
function groupReader(scope: Scope, path: Path): (row: Row) => Comparable {
  const { field, read } = resolvePath(scope, path)
  const { part } = path
  const isDate = field.type === 'date' || field.type === 'datetime'
  if (part === undefined ? !field.groupable : !isDate) {
    const said = `field '${field.name}' can not be grouped in a query call`
    throw complaint(scope.text, path.token.at, said, part === undefined ? 'MALFORMED_QUERY' : 'INVALID_FIELD')
  }
  return part === undefined ? (row) => comparableOf(field.type, read(row)) : (row) => partOf(part, read(row))
}

/** In UTC: the org's time zone is Greenwich. */
function partOf(part: DatePart, value: Value): number | null {
  if (typeof value !== 'string') return null
  const [year, month] = value.split('-')
  if (part === 'CALENDAR_YEAR') return Number(year)
  return part === 'CALENDAR_MONTH' ? Number(month) : Math.ceil(Number(month) / 3)
}

function renderGroup(query: Query, scope: Scope, group: readonly Row[]): Rendered {
  const rendered: Rendered = { attributes: { type: 'AggregateResult' } }
  let unnamed = 0
  for (const item of query.select) {
    if (item.kind === 'aggregate') {
      const name = item.alias ?? `expr${unnamed++}`
      rendered[name] = compute(item, scope, group)
    } else if (item.kind === 'field' && query.groupBy.some((path) => sameName(path, item.path))) {
      const first = group[0]
      const { field, read } = resolvePath(scope, item.path)
      const { part } = item.path
      const name = item.alias ?? (part === undefined ? field.name : `expr${unnamed++}`)
      const value = first === undefined ? null : read(first)
      rendered[name] = part === undefined ? value : partOf(part, value)
    } else {
      const name = item.kind === 'field' ? item.path.token.text : item.kind
      throw refused(400, 'MALFORMED_QUERY', `Field must be grouped or aggregated: ${name}`)
    }
  }
  return rendered
}

function compute(item: AggregateItem, scope: Scope, group: readonly Row[]): Value {
  const { field, read } = resolvePath(scope, item.path)
  const values = group.map(read).filter((value) => value !== null)
  const keys = values.map((value) => comparableOf(field.type, value))
  if (item.name === 'COUNT') return values.length
  if (item.name === 'COUNT_DISTINCT') return new Set(keys).size
  if (item.name === 'MIN' || item.name === 'MAX') {
    const sign = item.name === 'MIN' ? 1 : -1
    const [best] = [...values].sort(
      (left, right) => sign * compare(comparableOf(field.type, left), comparableOf(field.type, right)),
    )
    return best ?? null
  }
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length < values.length) {
    throw refused(400, 'INVALID_FIELD', `field ${field.name} does not support aggregate operator ${item.name}`)
  }
  if (numbers.length === 0) return null
  const sum = numbers.reduce((total, value) => total + value, 0)
  return item.name === 'SUM' ? sum : sum / numbers.length
}

function sameName(left: Path, right: Path): boolean {
  return left.part === right.part && left.names.join('.').toLowerCase() === right.names.join('.').toLowerCase()
}
