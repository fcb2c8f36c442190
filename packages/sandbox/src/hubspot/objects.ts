/**
 * @module
 * What can be done with one object: find it, make it, change it, archive it. Routes and batches share these.
 */
import { kindOfType } from './association-type.ts'
import type { ObjectType } from './object-type.ts'
import { isObject, type Json, objectsIn, type Portal, textIn } from './portal.ts'
import { invalid, objectNotFound } from './problem.ts'
import { definitionOf, type HubRecord, recordsOf } from './store.ts'
import { checkRequired, checkValues, holderOf } from './write-values.ts'

/** The record with an id, or with a value in a unique property; `undefined` when there is none or it is archived. */
export function findRecord(
  { store }: Portal,
  type: ObjectType,
  id: string,
  { idProperty, archived = false }: { readonly idProperty?: string; readonly archived?: boolean } = {},
): HubRecord | undefined {
  if (idProperty && idProperty !== 'hs_object_id') {
    if (!definitionOf(store, type, idProperty)?.unique)
      throw invalid(`${idProperty} is not a unique property of ${type.name}`)
    return holderOf(store, type, idProperty, id)
  }
  const record = recordsOf(store, type).get(id)
  return record && (record.archivedAt !== undefined) === archived ? record : undefined
}

/** @throws Problem 404 when {@link findRecord} finds nothing. */
export function getRecord(
  portal: Portal,
  type: ObjectType,
  id: string,
  options?: Parameters<typeof findRecord>[3],
): HubRecord {
  const record = findRecord(portal, type, id, options)
  if (!record) throw objectNotFound(id)
  return record
}

/** @throws Problem as {@link checkValues} and {@link checkRequired} do, and for associations with nothing. */
export function createRecord(portal: Portal, type: ObjectType, input: Json): HubRecord {
  const { store, context } = portal
  const values = checkValues(store, type, propertiesIn(input))
  if (type.name === 'deals' && values.has('dealstage') && !values.has('pipeline')) values.set('pipeline', 'default')
  checkRequired(type, values)
  const links = objectsIn(input, 'associations').map((association) => linkIn(portal, type, association))
  const now = context.now()
  const set = new Map([...values].filter(([, value]) => value !== ''))
  const record: HubRecord = {
    id: store.nextId(type.name),
    values: set,
    createdAt: now,
    updatedAt: now,
    archivedAt: undefined,
  }
  recordsOf(store, type).set(record.id, record)
  for (const { to, primary } of links) store.associations.link({ type: type.name, id: record.id }, to, primary)
  return record
}

/** @throws Problem as {@link checkValues} does. */
export function updateRecord({ store, context }: Portal, type: ObjectType, record: HubRecord, input: Json): HubRecord {
  for (const [name, value] of checkValues(store, type, propertiesIn(input), record.id)) {
    if (value === '') record.values.delete(name)
    else record.values.set(name, value)
  }
  record.updatedAt = Math.max(context.now(), record.updatedAt)
  return record
}

/** Archiving what is archived or was never there is fine. */
export function archiveRecord({ store, context }: Portal, type: ObjectType, id: string): void {
  const record = recordsOf(store, type).get(id)
  if (record) record.archivedAt ??= context.now()
}

/** The `properties` of an input; absent is empty. @throws Problem 400 when it is no object. */
export function propertiesIn(input: Json): Json {
  const properties = input['properties'] ?? {}
  if (!isObject(properties)) throw invalid('Invalid input JSON: "properties" must be an object')
  return properties
}

function linkIn(portal: Portal, from: ObjectType, association: Json) {
  const to = isObject(association['to']) ? textIn(association['to'], 'id') : undefined
  const typeId = Number(objectsIn(association, 'types')[0]?.['associationTypeId'])
  const kind = kindOfType(from.name, typeId)
  const exists = kind && to !== undefined && portal.store.objects.get(kind.to)?.has(to)
  if (!kind || !exists) throw invalid(`Cannot associate a ${from.singular} with ${to} as type ${typeId}`)
  return { to: { type: kind.to, id: to }, primary: kind.primaryId === typeId ? true : undefined }
}
