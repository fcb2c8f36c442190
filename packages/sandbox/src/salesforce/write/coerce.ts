/**
 * @module
 * One value of a request body as the field stores it, or Salesforce's fault when the field cannot hold it.
 */
import { formatDatetime, parseDate, parseDatetime } from '../moment.ts'
import { parseRecordId } from '../record-id.ts'
import { type Fault, refused } from '../refusal.ts'
import type { Value } from '../row.ts'
import type { Field } from '../schema/field.ts'
import type { Store } from '../store.ts'

const EMAIL = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/

export type Coerced = { readonly value: Value } | { readonly fault: Fault }

/** @throws {Refused} JSON_PARSER_ERROR when the JSON type cannot be the field's. */
export function coerce(field: Field, given: unknown, store: Store): Coerced {
  if (given === null || given === undefined || given === '') return { value: null }
  if (field.type === 'boolean') return { value: asBoolean(field, given) }
  if (['int', 'double', 'currency', 'percent'].includes(field.type)) return { value: asNumber(field, given) }
  if (typeof given === 'object' || typeof given === 'boolean') throw undeserializable(field, given)
  const text = String(given).trim()
  if (text === '') return { value: null }
  if (field.type === 'date') {
    const day = text.slice(0, 10)
    if (parseDate(day) === null) throw undeserializable(field, given)
    return { value: day }
  }
  if (field.type === 'datetime') {
    const moment = parseDatetime(text)
    if (moment === null) throw undeserializable(field, given)
    return { value: formatDatetime(moment) }
  }
  if (field.type === 'reference') return asReference(field, text, store)
  return asText(field, text)
}

function asText(field: Field, text: string): Coerced {
  if (text.length > field.length) {
    return fault(field, 'STRING_TOO_LONG', `data value too large: ${text} (max length=${field.length})`)
  }
  if (field.type === 'email' && !EMAIL.test(text)) {
    return fault(field, 'INVALID_EMAIL_ADDRESS', `invalid email address: ${text}`)
  }
  if (field.restrictedPicklist && !field.picklist.includes(text)) {
    return fault(field, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', `bad value for restricted picklist field: ${text}`)
  }
  return { value: text }
}

function asReference(field: Field, text: string, store: Store): Coerced {
  const id = parseRecordId(text)
  if (id === null) return fault(field, 'MALFORMED_ID', `id value of incorrect type: ${text}`)
  const target = store.schema.entities.find((entity) => entity.keyPrefix === id.slice(0, 3))
  if (target === undefined || !field.referenceTo.includes(target.name)) {
    return fault(field, 'MALFORMED_ID', `id value of incorrect type: ${text}`)
  }
  const row = store.find(target.name, id)
  if (row === undefined || row['IsDeleted'] === true) {
    const message = row === undefined ? 'invalid cross reference id' : 'entity is deleted'
    const errorCode = row === undefined ? 'INVALID_CROSS_REFERENCE_KEY' : 'ENTITY_IS_DELETED'
    return { fault: { message, errorCode, fields: [field.name] } }
  }
  return { value: id }
}

function asBoolean(field: Field, given: unknown): boolean {
  if (typeof given === 'boolean') return given
  if (given === 'true' || given === 'false') return given === 'true'
  throw undeserializable(field, given)
}

function asNumber(field: Field, given: unknown): number {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
  if (typeof number !== 'number' || !Number.isFinite(number)) throw undeserializable(field, given)
  return field.type === 'int' ? Math.trunc(number) : number
}

function fault(field: Field, errorCode: string, said: string): Coerced {
  return { fault: { message: `${field.label}: ${said}`, errorCode, fields: [field.name] } }
}

function undeserializable(field: Field, given: unknown) {
  const kind = Array.isArray(given) ? 'START_ARRAY' : typeof given === 'object' ? 'START_OBJECT' : 'VALUE_STRING'
  const shown = typeof given === 'object' ? '' : ` value ${String(given)}`
  const said = `Cannot deserialize instance of ${field.type} from ${kind}${shown} or request may be missing a required field at [line:1, column:1]`
  return refused(400, 'JSON_PARSER_ERROR', said)
}
