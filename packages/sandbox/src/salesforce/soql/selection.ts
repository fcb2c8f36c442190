/**
 * @module
 * Renders the fields that a query selects: flat fields, parents nested under their relationship, children as a result
 * of their own.
 */
import { refused } from '../refusal.ts'
import type { Row, Value } from '../row.ts'
import type { Entity } from '../schema/entity.ts'
import type { Path, Query } from './query.ts'
import { type ResolvedPath, resolvePath, type Scope } from './scope.ts'
import { complaint } from './token.ts'

/** A record as JSON. */
export interface Rendered {
  [name: string]: Value | Rendered | object
}

export interface Answer {
  readonly totalSize: number
  readonly records: readonly Rendered[]
}

/** Answers a nested query for one parent; with null it only checks that the query makes sense. */
export type AnswerChildren = (children: Query, entity: Entity, parent: Row | null) => Answer

/** Most records that FIELDS(ALL) and FIELDS(CUSTOM) may bring. */
const MAX_FIELDS_LIMIT = 200

/** @throws {Refused} when a selected field does not exist or is selected twice. */
export function compileSelection(
  query: Query,
  scope: Scope,
  root: string,
  answerChildren: AnswerChildren,
): (row: Row) => Rendered {
  const paths: ResolvedPath[] = []
  const nested: { readonly name: string; readonly query: Query }[] = []
  const seen = new Set<string>()
  const select = (path: Path): void => {
    const resolved = resolvePath(scope, path)
    const key = [...resolved.parents.map((parent) => parent.name), resolved.field.name].join('.')
    if (seen.has(key)) throw complaint(query.text, path.token.at, `duplicate field selected: ${key}`, 'INVALID_FIELD')
    seen.add(key)
    paths.push(resolved)
  }
  for (const item of query.select) {
    if (item.kind === 'field') select(item.path)
    if (item.kind === 'fields') {
      if (item.set !== 'STANDARD' && (query.limit === null || query.limit > MAX_FIELDS_LIMIT)) {
        const said = `The SOQL FIELDS function must have a LIMIT of at most ${MAX_FIELDS_LIMIT}`
        throw refused(400, 'MALFORMED_QUERY', said)
      }
      for (const field of scope.entity.fields) {
        const custom = field.name.endsWith('__c')
        const wanted = item.set === 'ALL' || custom === (item.set === 'CUSTOM')
        if (wanted) select({ names: [field.name], token: item.token })
      }
    }
    if (item.kind === 'children') {
      answerChildren(item.query, scope.entity, null)
      const name = scope.entity.children.find(
        (child) => child.relationshipName.toLowerCase() === item.query.from.text.toLowerCase(),
      )?.relationshipName
      nested.push({ name: name ?? item.query.from.text, query: item.query })
    }
  }
  return (row) => {
    const rendered: Rendered = { attributes: attributesOf(scope.entity, row, root) }
    for (const path of paths) place(rendered, path, row, root)
    for (const child of nested) {
      const answer = answerChildren(child.query, scope.entity, row)
      rendered[child.name] = answer.totalSize === 0 ? null : { ...answer, done: true }
    }
    return rendered
  }
}

/** What every record begins with: its type and where it can be read again. */
export function attributesOf(entity: Entity, row: Row, root: string): { readonly type: string; readonly url: string } {
  return { type: entity.name, url: `${root}/sobjects/${entity.name}/${String(row['Id'])}` }
}

function place(rendered: Rendered, path: ResolvedPath, row: Row, root: string): void {
  let at = rendered
  for (const parent of path.parents) {
    const holder = parent.of(row)
    if (holder === null) {
      at[parent.name] = null
      return
    }
    const existing = at[parent.name]
    const next = isRendered(existing) ? existing : { attributes: attributesOf(holder.entity, holder.row, root) }
    at[parent.name] = next
    at = next
  }
  const value = path.read(row)
  at[path.field.name] =
    path.field.type === 'address' && value !== null && typeof value === 'object'
      ? { ...value, geocodeAccuracy: null, latitude: null, longitude: null }
      : value
}

function isRendered(value: Rendered[string] | undefined): value is Rendered {
  return typeof value === 'object' && value !== null
}
