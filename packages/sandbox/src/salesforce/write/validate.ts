/**
 * @module
 * Checks the body of a create or update field by field and says what Salesforce would say about it.
 */
import { type Fault, Refused, refused } from '../refusal.ts'
import type { Row, Value } from '../row.ts'
import { type Entity, findField } from '../schema/entity.ts'
import type { Field } from '../schema/field.ts'
import type { Store } from '../store.ts'
import { coerce } from './coerce.ts'

/** The fields of a request body, ready to store. `id` is the record that an update changes. */
export interface WriteRequest {
  readonly entity: Entity
  readonly body: Readonly<Record<string, unknown>>
  readonly id: string | null
  /** The field in the URL of an upsert: it may not stand in the body. */
  readonly addressedBy?: Field
}

/** @throws {Refused} with every fault that Salesforce would report at once. */
export function validate(request: WriteRequest, store: Store): Row {
  const { entity, body, id } = request
  const creating = id === null
  const values: Record<string, Value> = {}
  const faults: Fault[] = []
  const locked: string[] = []
  for (const [name, given] of Object.entries(body)) {
    if (name === 'attributes') continue
    const field = findField(entity, name)
    if (field === undefined) throw unknown(entity, name)
    if (field.name === 'Id' || field === request.addressedBy) throw misplaced(field)
    if (!(creating ? field.createable : field.updateable)) {
      locked.push(field.name)
      continue
    }
    const coerced = coerce(field, given, store)
    if ('fault' in coerced) faults.push(coerced.fault)
    else values[field.name] = coerced.value
  }
  if (locked.length > 0) throw notWritable(locked)
  const faulty = new Set(faults.flatMap((fault) => fault.fields ?? []))
  const missing = entity.fields
    .filter((field) => !faulty.has(field.name) && isMissing(field, values, creating))
    .map((field) => field.name)
  if (missing.length > 0) {
    const message = `Required fields are missing: [${missing.join(', ')}]`
    throw new Refused(400, [{ message, errorCode: 'REQUIRED_FIELD_MISSING', fields: missing }])
  }
  if (faults.length > 0) throw new Refused(400, faults)
  checkUnique(entity, values, id, store)
  // An empty box stands for its default, and no boolean is ever nothing.
  for (const field of entity.fields) {
    const empty = field.name in values && values[field.name] === null
    if (empty && (field.type === 'boolean' || (creating && field.defaultedOnCreate))) delete values[field.name]
  }
  return values
}

function isMissing(field: Field, values: Row, creating: boolean): boolean {
  if (field.nillable || !field.createable || field.type === 'boolean') return false
  if (field.name in values) return values[field.name] === null && !(creating && field.defaultedOnCreate)
  return creating && !field.defaultedOnCreate
}

function checkUnique(entity: Entity, values: Row, id: string | null, store: Store): void {
  for (const field of entity.fields) {
    const value = field.unique ? values[field.name] : undefined
    if (typeof value !== 'string') continue
    const twin = findByField(store, entity, field, value)[0]
    if (twin === undefined || twin['Id'] === id) continue
    const said = `duplicate value found: ${field.name} duplicates value on record with id: ${String(twin['Id'])}`
    throw refused(400, 'DUPLICATE_VALUE', said, { fields: [field.name] })
  }
}

/** Records that are not deleted and hold that value, whatever its case. */
export function findByField(store: Store, entity: Entity, field: Field, value: string): readonly Row[] {
  const folded = value.toLowerCase()
  return store.rows(entity.name).filter((row) => {
    const held = row[field.name]
    return row['IsDeleted'] !== true && typeof held === 'string' && held.toLowerCase() === folded
  })
}

function unknown(entity: Entity, name: string): Refused {
  return refused(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${entity.name}`)
}

function misplaced(field: Field): Refused {
  return refused(400, 'INVALID_FIELD', `The ${field.name} field should not be specified in the sobject data.`)
}

function notWritable(fields: readonly string[]): Refused {
  const said = `Unable to create/update fields: ${fields.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`
  return refused(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', said, { fields })
}
