/**
 * @module
 * Turns a parsed WHERE into a predicate over records, after checking that every value fits its field.
 */
import { parseDate, parseDatetime } from '../moment.ts'
import { parseRecordId } from '../record-id.ts'
import type { Row } from '../row.ts'
import type { FieldType } from '../schema/field.ts'
import { type Comparable, comparableOf, compare } from './compare.ts'
import { matchesPattern } from './literal.ts'
import { type Period, resolvePeriod } from './period.ts'
import type { Comparison, Condition, Operand, Operator, Query } from './query.ts'
import { type ResolvedPath, resolvePath, type Scope } from './scope.ts'
import { complaint } from './token.ts'

export type Predicate = (row: Row) => boolean

/** The values of the one field that a semi-join's inner query selects. */
export type RunSemiJoin = (query: Query) => readonly Comparable[]

const NUMBERS: readonly FieldType[] = ['int', 'double', 'currency', 'percent']
const SHOWN_TYPES: Partial<Record<FieldType, string>> = { datetime: 'dateTime', reference: 'id' }

/** @throws {Refused} when a field does not exist, cannot be filtered, or a value is of the wrong type. */
export function compileCondition(scope: Scope, condition: Condition, runSemiJoin: RunSemiJoin): Predicate {
  if (condition.kind === 'compare') return compileComparison(scope, condition, runSemiJoin)
  if (condition.kind === 'not') {
    const inner = compileCondition(scope, condition.of, runSemiJoin)
    return (row) => !inner(row)
  }
  const parts = condition.of.map((part) => compileCondition(scope, part, runSemiJoin))
  return condition.kind === 'and'
    ? (row) => parts.every((holds) => holds(row))
    : (row) => parts.some((holds) => holds(row))
}

function compileComparison(scope: Scope, comparison: Comparison, runSemiJoin: RunSemiJoin): Predicate {
  const path = resolvePath(scope, comparison.path)
  const { operator, operands } = comparison
  if (!path.field.filterable) {
    const said = `field '${path.field.name}' can not be filtered in a query call`
    throw complaint(scope.text, comparison.path.token.at, said, 'INVALID_FIELD')
  }
  if (operator === 'LIKE') return compileLike(scope, comparison, path)
  const { type } = path.field
  const read = (row: Row): Comparable => comparableOf(type, path.read(row))
  const first = operands[0]
  if (first?.kind === 'period') {
    checkOperand(scope, path, first)
    return periodPredicate(operator, resolvePeriod(first.token.text.toUpperCase(), scope.now), read)
  }
  const wanted = operands.flatMap((operand) =>
    operand.kind === 'query' ? runSemiJoin(operand.query) : [checkOperand(scope, path, operand)],
  )
  if (operator === 'IN' || operator === 'NOT IN') {
    const set = new Set(wanted)
    return (row) => set.has(read(row)) === (operator === 'IN')
  }
  return ordered(operator, wanted[0] ?? null, read)
}

/** `!=` holds for nothing; an order with nothing never holds. */
function ordered(operator: Operator, wanted: Comparable, read: (row: Row) => Comparable): Predicate {
  if (operator === '=') return (row) => read(row) === wanted
  if (operator === '!=') return (row) => read(row) !== wanted
  return (row) => {
    const value = read(row)
    if (value === null || wanted === null) return false
    const sign = compare(value, wanted)
    if (operator === '<') return sign < 0
    if (operator === '<=') return sign <= 0
    return operator === '>' ? sign > 0 : sign >= 0
  }
}

function periodPredicate(operator: Operator, period: Period, read: (row: Row) => Comparable): Predicate {
  return (row) => {
    const value = read(row)
    if (typeof value !== 'number') return operator === '!='
    if (operator === '<') return value < period.from
    if (operator === '<=') return value < period.until
    if (operator === '>') return value >= period.until
    if (operator === '>=') return value >= period.from
    return (value >= period.from && value < period.until) === (operator === '=')
  }
}

function compileLike(scope: Scope, comparison: Comparison, path: ResolvedPath): Predicate {
  const operand = comparison.operands[0]
  const textual = comparableOf(path.field.type, 'a') === 'a' && !isId(path.field.type)
  if (!textual) {
    const said = `invalid operator on ${isId(path.field.type) ? 'id' : path.field.type} field`
    throw complaint(scope.text, comparison.path.token.at, said, 'INVALID_QUERY_FILTER_OPERATOR')
  }
  if (operand?.kind === 'null') return () => false
  if (operand?.kind !== 'string') throw wrongType(scope, path, operand ?? comparison.operands[0], comparison)
  const { pattern } = operand.literal
  return (row) => {
    const value = path.read(row)
    return typeof value === 'string' && matchesPattern(pattern, value)
  }
}

/** What the operand is compared by. @throws {Refused} when its type is not the field's. */
function checkOperand(scope: Scope, path: ResolvedPath, operand: Operand): Comparable {
  const { type } = path.field
  if (operand.kind === 'null') return null
  if (NUMBERS.includes(type)) {
    if (operand.kind === 'number') return operand.value
  } else if (type === 'boolean') {
    if (operand.kind === 'boolean') return operand.value ? 1 : 0
  } else if (type === 'date' || type === 'datetime') {
    if (operand.kind === 'period') return null
    const moment = type === 'date' ? parseDate(operand.token.text) : parseDatetime(operand.token.text)
    if (operand.kind === type && moment !== null) return moment
  } else if (operand.kind === 'string') {
    if (!isId(type)) return comparableOf(type, operand.literal.text)
    if (operand.literal.text === '') return null
    const id = parseRecordId(operand.literal.text)
    if (id !== null) return id
    const said = `invalid ID field: ${operand.literal.text}`
    throw complaint(scope.text, operand.token.at, said, 'INVALID_QUERY_FILTER_OPERATOR')
  }
  throw wrongType(scope, path, operand)
}

function wrongType(scope: Scope, path: ResolvedPath, operand: Operand | undefined, comparison?: Comparison) {
  const { name, type } = path.field
  const quoted = !NUMBERS.includes(type) && !['boolean', 'date', 'datetime'].includes(type)
  const shown = quoted && type !== 'reference' && type !== 'id' ? 'string' : (SHOWN_TYPES[type] ?? type)
  const said = `value of filter criterion for field '${name}' must be of type ${shown} and should ${quoted ? '' : 'not '}be enclosed in quotes`
  return complaint(scope.text, (operand ?? comparison?.path)?.token.at ?? 0, said, 'INVALID_FIELD')
}

function isId(type: FieldType): boolean {
  return type === 'id' || type === 'reference'
}
