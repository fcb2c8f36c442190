/**
 * @module
 * Searches the text fields of a tenant's records and answers with the fields that each object's clause asks for.
 */
import { refused } from '../refusal.ts'
import { type Entity, findEntity } from '../schema/entity.ts'
import type { Field } from '../schema/field.ts'
import type { Query } from '../soql/query.ts'
import { answerQuery, type QueryOptions } from '../soql/run-query.ts'
import type { Rendered } from '../soql/selection.ts'
import type { TermMatcher } from './search-terms.ts'

export type SearchGroup = 'ALL' | 'NAME' | 'EMAIL' | 'PHONE'

export interface Search {
  readonly matches: TermMatcher
  readonly group: SearchGroup
  /** What to bring of each object; null brings the id of every searchable one. */
  readonly returning: readonly Query[] | null
  readonly limit: number
}

/** Most records that one search brings. */
export const MAX_RESULTS = 2000

/** @throws {Refused} when an object or a field of its clause does not exist. */
export function runSearch(search: Search, options: QueryOptions): readonly Rendered[] {
  const { schema } = options.store
  const searchable = schema.entities.filter((entity) => entity.searchable)
  const clauses = search.returning ?? searchable.map((entity) => idQuery(entity.name))
  return clauses
    .flatMap((query) => {
      const entity = findEntity(schema, query.from.text)
      if (entity !== undefined && !entity.searchable) {
        throw refused(400, 'INVALID_TYPE', `sObject type '${entity.name}' is not searchable`)
      }
      const fields = entity === undefined ? [] : searchedFields(entity, search.group)
      const texts = (row: Readonly<Record<string, unknown>>) =>
        fields.map((field) => row[field.name]).filter((value) => typeof value === 'string')
      return answerQuery(query, options, (row) => search.matches(texts(row))).records
    })
    .slice(0, search.limit)
}

/** The query of an object that is named without fields. */
export function idQuery(name: string): Query {
  const end = { kind: 'end', text: '<EOF>', at: 0 } as const
  return {
    text: name,
    select: [{ kind: 'field', path: { names: ['Id'], token: end } }],
    from: { kind: 'word', text: name, at: 0 },
    alias: null,
    where: null,
    groupBy: [],
    orderBy: [],
    limit: null,
    offset: { value: 0, token: end },
  }
}

function searchedFields(entity: Entity, group: SearchGroup): readonly Field[] {
  return entity.fields.filter((field) => {
    if (group === 'NAME') return field.nameField
    if (group === 'EMAIL') return field.type === 'email'
    if (group === 'PHONE') return field.type === 'phone'
    return ['string', 'textarea', 'email', 'phone', 'url', 'picklist'].includes(field.type)
  })
}
