/**
 * @module
 * HubSpot's search: a query over the searchable properties, filters, one sort, and offset paging that ends at 10,000.
 */
import { findObjectType, type ObjectType } from './object-type.ts'
import { invalid } from './problem.ts'
import type { PropertyDefinition } from './property.ts'
import { readValue } from './read-value.ts'
import { compare, type Filter, passes } from './search-filter.ts'
import { definitionOf, type HubRecord, type HubStore, recordsOf } from './store.ts'

/** A search, read from its body. */
export interface SearchRequest {
  readonly query: string
  readonly filterGroups: readonly { readonly filters: readonly Filter[] }[]
  readonly sorts: readonly { readonly propertyName: string; readonly descending: boolean }[]
  readonly limit: number
  /** An offset. */
  readonly after: number
}

/** One page of a search; `total` counts all pages. */
export interface Found {
  readonly total: number
  readonly records: readonly HubRecord[]
  /** The offset of the next page, when there is one. */
  readonly next: number | undefined
}

/** HubSpot gives no more than this many results of one search, over all pages. */
const maxResults = 10_000

/** @throws Problem 400 when the search is larger or odder than HubSpot accepts. */
export function searchObjects(store: HubStore, type: ObjectType, request: SearchRequest): Found {
  checkSize(request)
  const { query, filterGroups, limit, after } = request
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const value = (record: HubRecord, name: string) => readValue(store, type, record, name)
  const defined = (name: string) => {
    const definition = definitionOf(store, type, name)
    if (!definition)
      throw invalid(`There was a problem with the request. Property ${JSON.stringify(name)} does not exist`)
    return definition
  }
  const groups = filterGroups.map(({ filters }) => filters.map((filter) => testOf(store, type, filter, defined, value)))
  const says = (record: HubRecord, word: string) =>
    type.searched.some((name) => value(record, name)?.toLowerCase().includes(word))
  const wanted = (record: HubRecord) =>
    record.archivedAt === undefined &&
    words.every((word) => says(record, word)) &&
    (groups.length === 0 || groups.some((filters) => filters.every((holds) => holds(record))))

  const found = [...recordsOf(store, type).values()].filter(wanted)
  const sort = request.sorts[0]
  if (sort) {
    const definition = defined(sort.propertyName)
    found.sort((a, b) => {
      const [left, right] = [value(a, sort.propertyName), value(b, sort.propertyName)]
      if (left === null || right === null) return Number(left === null) - Number(right === null)
      return sort.descending ? compare(definition, right, left) : compare(definition, left, right)
    })
  }
  const end = after + limit
  return { total: found.length, records: found.slice(after, end), next: end < found.length ? end : undefined }
}

/** `associations.contact` and the like filter by the ids of associated records; everything else is a property. */
function testOf(
  store: HubStore,
  type: ObjectType,
  filter: Filter,
  defined: (name: string) => PropertyDefinition,
  value: (record: HubRecord, name: string) => string | null,
): (record: HubRecord) => boolean {
  const [prefix, name] = filter.propertyName.split('.', 2)
  if (prefix !== 'associations' || name === undefined) {
    const definition = defined(filter.propertyName)
    return (record) => passes(filter, definition, value(record, filter.propertyName))
  }
  const other = findObjectType(name)
  const wanted =
    filter.operator === 'EQ' ? [filter.value] : filter.operator === 'IN' ? (filter.values ?? []) : undefined
  if (!other || !wanted) {
    throw invalid(`There was a problem with the request. ${JSON.stringify(filter.propertyName)} cannot be filtered so`)
  }
  return (record) =>
    store.associations.linked({ type: type.name, id: record.id }, other.name).some(({ id }) => wanted.includes(id))
}

function checkSize({ query, filterGroups, sorts, limit, after }: SearchRequest): void {
  const filters = filterGroups.reduce((sum, group) => sum + group.filters.length, 0)
  const widest = Math.max(0, ...filterGroups.map((group) => group.filters.length))
  if (limit < 0 || limit > 200) throw invalid('Paging limit exceeded: "limit" must be between 0 and 200')
  if (query.length > 3000) throw invalid('The query is longer than 3000 characters')
  if (filterGroups.length > 5) throw invalid('The number of filter groups is over the limit of 5')
  if (widest > 10 || filters > 25)
    throw invalid('The number of filters is over the limit of 10 in a group and 25 in all')
  if (sorts.length > 1) throw invalid('Only one sort is supported')
  if (after + limit > maxResults) throw invalid(`Paging through results is limited to ${maxResults} results`)
}
