/**
 * @module
 * How Salesforce compares values: text without case, ids with case and in either length, moments as moments, and an
 * empty text as nothing.
 */
import { parseDate, parseDatetime } from '../moment.ts'
import type { Value } from '../row.ts'
import type { FieldType } from '../schema/field.ts'

/** What two values of a field are compared by; null is less than everything. */
export type Comparable = string | number | null

/** The comparable of a stored value. */
export function comparableOf(type: FieldType, value: Value): Comparable {
  if (value === null || value === '') return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  if (type === 'id' || type === 'reference') return value
  if (type === 'datetime') return parseDatetime(value)
  if (type === 'date') return parseDate(value)
  return value.toLowerCase()
}

/** Negative, zero or positive, with null first. */
export function compare(left: Comparable, right: Comparable): number {
  if (left === right) return 0
  if (left === null) return -1
  if (right === null) return 1
  return left < right ? -1 : 1
}
