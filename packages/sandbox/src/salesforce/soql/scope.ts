/**
 * @module
 * Finds out what the names of a query mean in the tenant's org: the object, its fields, and fields of its parents.
 */
import type { Refused } from '../refusal.ts'
import type { Row, Value } from '../row.ts'
import { type Entity, findEntity, findField, findRelationship } from '../schema/entity.ts'
import type { Field } from '../schema/field.ts'
import type { Store } from '../store.ts'
import type { Path } from './query.ts'
import { complaint, type Token } from './token.ts'

/** Most levels of parents that a path may climb. */
const MAX_PARENTS = 5

const HINT = 'Please reference your WSDL or the describe call for the appropriate names.'

/** The object that names are looked up in, and the text for complaints. */
export interface Scope {
  readonly store: Store
  readonly entity: Entity
  readonly alias: string | null
  readonly text: string
  readonly errorCode?: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** A path that means something. */
export interface ResolvedPath {
  readonly field: Field
  /** The parents climbed, nearest first. */
  readonly parents: readonly Parent[]
  read(row: Row): Value
}

/** One step up: the name that results are nested under, and the parent's record; null when there is none. */
export interface Parent {
  readonly name: string
  of(row: Row): Holder | null
}

export interface Holder {
  readonly entity: Entity
  readonly row: Row
}

/** @throws {Refused} INVALID_TYPE when the org has no such object. */
export function resolveEntity(store: Store, text: string, name: Token): Entity {
  const entity = findEntity(store.schema, name.text)
  if (entity !== undefined) return entity
  const said = `sObject type '${name.text}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${HINT}`
  throw complaint(text, name.at, said, 'INVALID_TYPE')
}

/** @throws {Refused} INVALID_FIELD when a name of the path is not there. */
export function resolvePath(scope: Scope, path: Path): ResolvedPath {
  const names = [...path.names]
  const first = names[0]?.toLowerCase()
  const qualified = first === scope.alias?.toLowerCase() || first === scope.entity.name.toLowerCase()
  // An object's own name may qualify a field, but a relationship of that name goes first (`Account.Name` of a Contact).
  if (names.length > 1 && qualified && findRelationship(scope.entity, names[0] ?? '') === undefined) names.shift()
  const parents: Parent[] = []
  let climb = (row: Row): Holder | null => ({ entity: scope.entity, row })
  let entity = scope.entity
  for (const name of names.slice(0, -1)) {
    const key = findRelationship(entity, name)
    const parent = key && findEntity(scope.store.schema, key.referenceTo[0] ?? '')
    if (!key || !parent || parents.length >= MAX_PARENTS) throw unknownRelationship(scope, path, name)
    const below = climb
    climb = (row) => {
      const id = below(row)?.row[key.name]
      const found = typeof id === 'string' ? scope.store.find(parent.name, id) : undefined
      return found === undefined ? null : { entity: parent, row: found }
    }
    parents.push({ name: key.relationshipName ?? name, of: climb })
    entity = parent
  }
  const field = findField(entity, names.at(-1) ?? '')
  if (field === undefined) throw unknownField(scope, path, names.at(-1) ?? '', entity)

  const holder = climb
  return { field, parents, read: (row) => holder(row)?.row[field.name] ?? null }
}

function unknownField(scope: Scope, path: Path, name: string, entity: Entity): Refused {
  const said = `No such column '${name}' on entity '${entity.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${HINT}`
  return complaint(scope.text, path.token.at, said, 'INVALID_FIELD')
}

function unknownRelationship(scope: Scope, path: Path, name: string): Refused {
  const said = `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${HINT}`
  return complaint(scope.text, path.token.at, said, 'INVALID_FIELD')
}
