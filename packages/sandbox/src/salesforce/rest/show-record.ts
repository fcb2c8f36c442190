/**
 * @module
 * One record as a GET shows it: all of its fields, or those that the caller names, parents included.
 */
import { refused } from '../refusal.ts'
import type { Row } from '../row.ts'
import { type Entity, findField } from '../schema/entity.ts'
import type { SelectItem } from '../soql/query.ts'
import { compileSelection, type Rendered } from '../soql/selection.ts'
import type { Token } from '../soql/token.ts'
import type { Store } from '../store.ts'

/** How to render records of an entity. @throws {Refused} INVALID_FIELD when it has no such field. */
export function showRecords(
  entity: Entity,
  store: Store,
  root: string,
  fields?: readonly string[],
): (row: Row) => Rendered {
  const names = [...new Set(fields ?? entity.fields.map((field) => field.name))]
  for (const name of names) {
    if (!name.includes('.') && findField(entity, name) === undefined) {
      throw refused(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${entity.name}`)
    }
  }
  const text = names.join(',')
  const select: SelectItem[] = names.map((name) => ({
    kind: 'field',
    path: { names: name.split('.'), token: tokenOf(name, text.indexOf(name)) },
  }))
  const end = tokenOf('<EOF>', text.length)
  const from = { ...end, text: entity.name }
  const clauses = { where: null, groupBy: [], orderBy: [], limit: null, offset: { value: 0, token: end } }
  const scope = { store, entity, alias: null, text, now: 0 }
  return compileSelection({ text, select, from, alias: null, ...clauses }, scope, root, () => {
    throw new RangeError('Cannot nest a query: a record is shown without children')
  })
}

/** The names in `?fields=Id,FirstName`. */
export function fieldList(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function tokenOf(text: string, at: number): Token {
  return { kind: 'word', text, at }
}
