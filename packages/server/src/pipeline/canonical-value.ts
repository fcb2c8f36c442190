/**
 * @module
 * Where values stand in a canonical record: the one that an argument sets, and all of them.
 */
import type { CanonicalRecord } from '@quartermaster/protocol'

type Value = string | number | boolean

/** Arguments whose value stands in a list of the record: the list, which entry, and which member of it. */
const listed: { readonly [argument: string]: readonly [list: string, member: string, type?: string] } = {
  email: ['email_addresses', 'email'],
  phone: ['phone_numbers', 'number', 'phone'],
  mobile_phone: ['phone_numbers', 'number', 'mobile'],
  street: ['addresses', 'street'],
  city: ['addresses', 'city'],
  state: ['addresses', 'state'],
  postal_code: ['addresses', 'postal_code'],
  country: ['addresses', 'country'],
}

/**
 * The present value of what an argument of this name sets: `title` is the member of that name, `owner_id` the id of
 * `owner`, `email` the primary address. Undefined when the record does not hold it, or the caller may not read it.
 *
 * @param customField The system's name, when the argument sets a field that only the account has.
 */
export function canonicalValue(record: CanonicalRecord, argument: string, customField?: string): Value | undefined {
  if (customField !== undefined) {
    const own = record['custom_fields']
    return isObject(own) && Object.hasOwn(own, customField) ? scalar(own[customField]) : undefined
  }
  const own = scalar(record[argument])
  if (own !== undefined) return own
  const group = argument.endsWith('_id') ? record[argument.slice(0, -3)] : undefined
  if (isObject(group)) return scalar(group['id'])
  const [list, member, type] = listed[argument] ?? []
  const entries: unknown = list === undefined ? undefined : record[list]
  if (!Array.isArray(entries) || member === undefined) return undefined
  const objects = entries.filter(isObject)
  const chosen =
    type === undefined ? (objects.find(isPrimary) ?? objects[0]) : objects.find((one) => one['type'] === type)
  return chosen && scalar(chosen[member])
}

/**
 * Every value of a record with its dotted path, entries of lists by their place: `owner.id`, `email_addresses[0].email`,
 * `custom_fields.badge_number`.
 */
export function canonicalValues(record: CanonicalRecord): readonly { readonly field: string; readonly value: Value }[] {
  return Object.entries(record).flatMap(([name, value]) => valuesAt(name, value))
}

function valuesAt(field: string, value: unknown): readonly { readonly field: string; readonly value: Value }[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, at) => valuesAt(`${field}[${at}]`, item))
  if (isObject(value)) return Object.entries(value).flatMap(([name, inner]) => valuesAt(`${field}.${name}`, inner))
  const own = scalar(value)
  return own === undefined ? [] : [{ field, value: own }]
}

function isPrimary(entry: Readonly<Record<string, unknown>>): boolean {
  return entry['is_primary'] === true
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function scalar(value: unknown): Value | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}
