/**
 * @module
 * Where the value that an argument sets stands in a canonical record.
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
 * @param ownField The system's name, when the argument sets a field that only the account has.
 */
export function canonicalValue(record: CanonicalRecord, argument: string, ownField?: string): Value | undefined {
  if (ownField !== undefined) {
    const own = record['custom_fields']
    return isObject(own) && Object.hasOwn(own, ownField) ? scalar(own[ownField]) : undefined
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

function isPrimary(entry: Readonly<Record<string, unknown>>): boolean {
  return entry['is_primary'] === true
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function scalar(value: unknown): Value | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}
