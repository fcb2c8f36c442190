/**
 * @module
 * Aggregate queries: groups of records, each rendered as one AggregateResult.
 */
import { refused } from '../refusal.ts'
import type { Row, Value } from '../store.ts'
import { comparableOf, compare } from './compare.ts'
import type { AggregateItem, Path, Query } from './query.ts'
import { resolvePath, type Scope } from './scope.ts'
import type { Rendered } from './selection.ts'

/** @throws {Refused} when a selected field is neither grouped nor aggregated. */
export function aggregate(query: Query, scope: Scope, rows: readonly Row[]): readonly Rendered[] {
  const keys = query.groupBy.map((path) => ({ path, resolved: resolvePath(scope, path) }))
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(keys.map(({ resolved }) => comparableOf(resolved.field.type, resolved.read(row))))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  if (keys.length === 0 && groups.size === 0) groups.set('', [])
  return [...groups.values()].map((group) => renderGroup(query, scope, group))
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
      const name = item.path.names.at(-1) ?? ''
      const resolved = resolvePath(scope, item.path)
      rendered[resolved.field.name || name] = first === undefined ? null : resolved.read(first)
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
  return left.names.join('.').toLowerCase() === right.names.join('.').toLowerCase()
}
