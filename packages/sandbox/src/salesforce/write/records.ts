/**
 * @module
 * Reads, creates, changes and deletes single records by id or external id, with the refusals that each can meet.
 */
import { parseRecordId } from '../record-id.ts'
import { refused } from '../refusal.ts'
import type { Row } from '../row.ts'
import { type Entity, findEntity, findField } from '../schema/entity.ts'
import type { Field } from '../schema/field.ts'
import type { Store, Writer } from '../store.ts'
import { refuseDuplicates } from './duplicates.ts'
import { findByField, validate, type WriteRequest } from './validate.ts'

/** Where a write happens and what it may do. */
export interface WriteContext {
  readonly store: Store
  readonly writer: Writer
  /** Where record URLs begin. */
  readonly root: string
  readonly allowDuplicates: boolean
}

type Body = WriteRequest['body']

/** @throws {Refused} 404 when the org has no such object. */
export function entityNamed(store: Store, name: string): Entity {
  const entity = findEntity(store.schema, name)
  if (entity === undefined) throw refused(404, 'NOT_FOUND', 'The requested resource does not exist')
  return entity
}

/** The record of that id. @throws {Refused} 400 for an id of another object, 404 for an unknown or deleted record. */
export function locate(store: Store, entity: Entity, given: string): Row {
  const id = parseRecordId(given)
  if (id === null) {
    const said = `Provided external ID field does not exist or is not accessible: ${given}`
    throw refused(404, 'NOT_FOUND', said)
  }
  if (!id.startsWith(entity.keyPrefix)) {
    throw refused(400, 'MALFORMED_ID', `${entity.label} ID: id value of incorrect type: ${given}`, { fields: ['Id'] })
  }
  const row = store.find(entity.name, id)
  if (row === undefined) throw refused(404, 'NOT_FOUND', 'The requested resource does not exist')
  if (row['IsDeleted'] === true) throw refused(404, 'ENTITY_IS_DELETED', 'entity is deleted', { fields: [] })
  return row
}

/** The records whose external id field has that value. @throws {Refused} 404 when the field is no external id. */
export function locateByField(store: Store, entity: Entity, fieldName: string, value: string): readonly Row[] {
  return findByField(store, entity, addressable(entity, fieldName), value)
}

/** Creates a record and returns its id. */
export function create(entity: Entity, body: Body, context: WriteContext): string {
  if (!entity.writable) {
    const said = `entity type cannot be inserted: ${entity.label}`
    throw refused(400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', said)
  }
  return insert({ entity, body, id: null }, context, {})
}

export function update(entity: Entity, given: string, body: Body, context: WriteContext): string {
  refuseReadOnly(entity, entity.writable)
  const id = String(locate(context.store, entity, given)['Id'])
  context.store.update(entity, id, validate({ entity, body, id }, context.store), context.writer)
  return id
}

export function remove(entity: Entity, given: string, context: WriteContext): string {
  refuseReadOnly(entity, entity.deletable)
  const id = String(locate(context.store, entity, given)['Id'])
  context.store.remove(entity, id, context.writer)
  return id
}

/** Updates the record with that external id, or creates it. External ids are unique, so there is at most one. */
export function upsert(entity: Entity, fieldName: string, value: string, body: Body, context: WriteContext) {
  const { store, writer } = context
  refuseReadOnly(entity, entity.writable)
  if (fieldName.toLowerCase() === 'id') return { id: update(entity, value, body, context), created: false }
  const addressedBy = addressable(entity, fieldName)
  const known = findByField(store, entity, addressedBy, value)[0]
  if (known === undefined) {
    const id = insert({ entity, body, id: null, addressedBy }, context, { [addressedBy.name]: value })
    return { id, created: true }
  }
  const id = String(known['Id'])
  store.update(entity, id, validate({ entity, body, id, addressedBy }, store), writer)
  return { id, created: false }
}

function insert(request: WriteRequest, context: WriteContext, extra: Row): string {
  const values = { ...validate(request, context.store), ...extra }
  if (!context.allowDuplicates) refuseDuplicates(request.entity, values, context.store, context.root)
  return String(context.store.insert(request.entity, values, context.writer)['Id'])
}

function addressable(entity: Entity, fieldName: string): Field {
  const field = findField(entity, fieldName)
  if (field?.externalId) return field
  const said = `Provided external ID field does not exist or is not accessible: ${fieldName}`
  throw refused(404, 'NOT_FOUND', said)
}

function refuseReadOnly(entity: Entity, allowed: boolean): void {
  if (allowed) return
  const said = `insufficient access rights on object id: ${entity.name}`
  throw refused(403, 'INSUFFICIENT_ACCESS_OR_READONLY', said, { fields: [] })
}
