/**
 * @module
 * HubSpot's search filters: one operator on one property. Groups are joined by OR, the filters inside by AND.
 */
import { invalid } from './problem.ts'
import type { PropertyDefinition } from './property.ts'

/** A filter as it was sent; `value`, `highValue` and `values` depend on the operator. */
export interface Filter {
  readonly propertyName: string
  readonly operator: string
  readonly value?: string
  readonly highValue?: string
  readonly values?: readonly string[]
}

/**
 * Whether a value passes a filter. A record without a value passes no comparison but `NOT_HAS_PROPERTY` and the three
 * negative operators.
 * @throws Problem 400 for an operator that does not exist or lacks its value.
 */
export function passes(filter: Filter, definition: PropertyDefinition, value: string | null): boolean {
  const { operator } = filter
  switch (operator) {
    case 'HAS_PROPERTY':
      return value !== null
    case 'NOT_HAS_PROPERTY':
      return value === null
    case 'EQ':
      return value !== null && same(definition, value, one(filter))
    case 'NEQ':
      return value === null || !same(definition, value, one(filter))
    case 'LT':
      return value !== null && compare(definition, value, one(filter)) < 0
    case 'LTE':
      return value !== null && compare(definition, value, one(filter)) <= 0
    case 'GT':
      return value !== null && compare(definition, value, one(filter)) > 0
    case 'GTE':
      return value !== null && compare(definition, value, one(filter)) >= 0
    case 'BETWEEN':
      return value !== null && between(filter, definition, value)
    case 'IN':
      return value !== null && many(filter).some((wanted) => isIn(definition, value, wanted))
    case 'NOT_IN':
      return value === null || !many(filter).some((wanted) => isIn(definition, value, wanted))
    case 'CONTAINS_TOKEN':
      return value !== null && containsToken(value, one(filter))
    case 'NOT_CONTAINS_TOKEN':
      return value === null || !containsToken(value, one(filter))
    default:
      throw invalid(`Invalid input JSON: ${JSON.stringify(operator)} is not one of the allowed operators`)
  }
}

/** Orders two values of a property: numbers and times by size, texts without regard to case. */
export function compare({ type }: PropertyDefinition, a: string, b: string): number {
  if (type === 'number') return Number(a) - Number(b)
  if (type === 'datetime' || type === 'date') return timeOf(a) - timeOf(b)
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  return left < right ? -1 : left > right ? 1 : 0
}

function same(definition: PropertyDefinition, value: string, wanted: string): boolean {
  return compare(definition, value, wanted) === 0
}

function between(
  { propertyName, value: low, highValue: high }: Filter,
  definition: PropertyDefinition,
  value: string,
): boolean {
  if (low === undefined || high === undefined)
    throw invalid(`The filter on ${propertyName} needs a value and a highValue`)
  return compare(definition, value, low) >= 0 && compare(definition, value, high) <= 0
}

/** Texts must be asked for in lower case; options exactly as they are. */
function isIn({ type }: PropertyDefinition, value: string, wanted: string): boolean {
  return type === 'string' || type === 'phone_number' ? value.toLowerCase() === wanted : value === wanted
}

/** `*` stands for anything; without it, whole words and the whole value are compared. */
function containsToken(value: string, wanted: string): boolean {
  const source = wanted
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*')
  const pattern = new RegExp(`^${source}$`, 'su')
  const text = value.toLowerCase()
  return [text, ...text.split(/[^\p{L}\p{N}\p{M}_]+/u), ...text.split(/\s+/)].some((token) => pattern.test(token))
}

function one({ propertyName, value }: Filter): string {
  if (value === undefined) throw invalid(`The filter on ${propertyName} needs a value`)
  return value
}

function many({ propertyName, values }: Filter): readonly string[] {
  if (!values || values.length === 0) throw invalid(`The filter on ${propertyName} needs values`)
  return values
}

function timeOf(text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) : Date.parse(text)
}
