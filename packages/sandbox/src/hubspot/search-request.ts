/**
 * @module
 * Reads the body of a search. HubSpot's own description calls every member required; its server does not.
 */
import { type Json, objectsIn, textIn } from './portal.ts'
import { invalid } from './problem.ts'
import type { Filter } from './search-filter.ts'
import type { SearchRequest } from './search-objects.ts'

/** @throws Problem 400 when a member has the wrong shape. */
export function searchRequestIn(body: Json): SearchRequest {
  const groups = objectsIn(body, 'filterGroups')
  const loose = objectsIn(body, 'filters')
  const filterGroups = groups.map((group) => ({ filters: objectsIn(group, 'filters').map(filterIn) }))
  return {
    query: textIn(body, 'query') ?? '',
    filterGroups: loose.length > 0 ? [...filterGroups, { filters: loose.map(filterIn) }] : filterGroups,
    sorts: sortsIn(body),
    limit: wholeIn(body, 'limit', 10),
    after: wholeIn(body, 'after', 0),
  }
}

function filterIn(filter: Json): Filter {
  const values = filter['values']
  if (values !== undefined && !Array.isArray(values)) throw invalid('Invalid input JSON: "values" must be a list')
  return {
    propertyName: textIn(filter, 'propertyName') ?? '',
    operator: textIn(filter, 'operator') ?? '',
    value: textIn(filter, 'value'),
    highValue: textIn(filter, 'highValue'),
    values: values?.map(String),
  }
}

/** `"-createdate"`, `"createdate"` or `{propertyName, direction}`. */
function sortsIn(body: Json): SearchRequest['sorts'] {
  const sorts = body['sorts'] ?? []
  if (!Array.isArray(sorts)) throw invalid('Invalid input JSON: "sorts" must be a list')
  return sorts.map((sort: unknown) => {
    if (typeof sort === 'string') return { propertyName: sort.replace(/^-/, ''), descending: sort.startsWith('-') }
    const asked = Object(sort) as Json
    return { propertyName: textIn(asked, 'propertyName') ?? '', descending: asked['direction'] === 'DESCENDING' }
  })
}

function wholeIn(body: Json, name: string, fallback: number): number {
  const text = textIn(body, name)
  if (text === undefined || text === '') return fallback
  if (!/^\d{1,9}$/.test(text)) throw invalid(`Invalid input JSON: "${name}" must be a whole number`)
  return Number(text)
}
