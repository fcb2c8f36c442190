/**
 * @module
 * Checks and stores what a create or an update sends. All faults are told at once; nothing is stored when there is one.
 */
import type { ObjectType } from './object-type.ts'
import { alreadyExists, invalid, invalidProperties, type PropertyFault } from './problem.ts'
import type { PropertyDefinition } from './property.ts'
import { definitionOf, definitionsOf, type HubRecord, type HubStore, recordsOf } from './store.ts'

/** Longest text value, in UTF-16 code units: HubSpot's limit for note bodies. */
const maxLength = 65_536

/** Property values as they were sent. */
export type Input = { readonly [name: string]: unknown }

/**
 * The values as they would be stored; an empty text clears.
 * @throws Problem 400 for values that HubSpot refuses, 409 when a unique value is taken by a record other than `id`.
 */
export function checkValues(store: HubStore, type: ObjectType, input: Input, id?: string): Map<string, string> {
  const values = new Map<string, string>()
  const faults: PropertyFault[] = []
  for (const [name, given] of Object.entries(input)) {
    const definition = definitionOf(store, type, name)
    if (!definition) {
      faults.push({ name, error: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` })
      continue
    }
    const text = given === null || given === undefined ? '' : String(given)
    const checked = text === '' ? { value: '' } : checkValue(store, type, definition, text, input)
    if ('value' in checked) values.set(name, checked.value)
    else faults.push({ name, ...checked })
  }
  if (faults.length > 0) throw invalidProperties(faults)
  for (const [name, value] of values) {
    const holder = value === '' ? undefined : holderOf(store, type, name, value)
    if (holder && holder.id !== id) throw alreadyExists(type.singular, holder.id)
  }
  return values
}

/** @throws Problem 400 when a record of this type cannot exist with these values. */
export function checkRequired(type: ObjectType, values: ReadonlyMap<string, string>): void {
  const missing = type.required.filter((name) => !values.get(name))
  if (missing.length > 0) {
    throw invalid(`Error creating ${type.singular.toUpperCase()}. Some required properties were not set.`, {
      context: { properties: missing },
      errors: missing.map((name) => ({
        message: `Property "${name}" is required`,
        code: 'REQUIRED_FIELD',
        context: { propertyName: [name] },
      })),
    })
  }
  const named = ['email', 'firstname', 'lastname'].some((name) => values.get(name))
  if (type.name === 'contacts' && !named) {
    throw invalid('At least one of "email", "firstname" or "lastname" must be set.')
  }
}

/** The living record that has a value in a unique property. */
export function holderOf(store: HubStore, type: ObjectType, name: string, value: string): HubRecord | undefined {
  if (!definitionsOf(store, type).some((definition) => definition.name === name && definition.unique)) return undefined
  const wanted = value.toLowerCase()
  const holds = ({ values, archivedAt }: HubRecord) => {
    if (archivedAt !== undefined) return false
    const others = name === 'email' ? (values.get('hs_additional_emails') ?? '').toLowerCase().split(';') : []
    return values.get(name)?.toLowerCase() === wanted || others.includes(wanted)
  }
  return [...recordsOf(store, type).values()].find(holds)
}

type Checked = { readonly value: string } | Omit<PropertyFault, 'name'>

function checkValue(
  store: HubStore,
  type: ObjectType,
  definition: PropertyDefinition,
  text: string,
  input: Input,
): Checked {
  const { name } = definition
  if (definition.readOnly) {
    return { error: 'READ_ONLY_VALUE', message: `"${name}" is a read only property; its value cannot be set.` }
  }
  if (name === 'email') {
    const valid = /^[^\s@<>()[\],;:"]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text)
    return valid
      ? { value: text.toLowerCase() }
      : { error: 'INVALID_EMAIL', message: `Email address ${text} is invalid` }
  }
  const options = optionsFor(store, type, definition, input)
  if (options && !options.includes(text)) {
    return { error: 'INVALID_OPTION', message: `${text} was not one of the allowed options: [${options.join(', ')}]` }
  }
  if (definition.type === 'number') {
    const valid = text.trim() !== '' && Number.isFinite(Number(text))
    return valid ? { value: text } : { error: 'INVALID_LONG', message: `${text} was not a valid long.` }
  }
  if (definition.type === 'datetime' || definition.type === 'date') return checkTime(text, definition.type)
  const tooLong = { error: 'TOO_LONG', message: `${name} is longer than ${maxLength} characters` }
  return text.length <= maxLength ? { value: text } : tooLong
}

function optionsFor(
  store: HubStore,
  type: ObjectType,
  definition: PropertyDefinition,
  input: Input,
): string[] | undefined {
  const { name, options, externalOptions } = definition
  if (externalOptions) return store.owners.map((owner) => owner.id)
  if (options.length > 0) return options.map((option) => option.value)
  const pipelines = store.pipelines.filter(({ objectType }) => objectType === type.name)
  if (pipelines.length === 0) return undefined
  if (name === 'pipeline' || name === 'hs_pipeline') return pipelines.map(({ id }) => id)
  if (name !== 'dealstage' && name !== 'hs_pipeline_stage') return undefined
  const chosen = input['pipeline'] ?? input['hs_pipeline']
  const inside = pipelines.filter(({ id }) => chosen === undefined || id === chosen)
  return inside.flatMap(({ stages }) => stages.map(({ id }) => id))
}

/** ISO 8601 or epoch milliseconds in; ISO 8601 out, of a date the day alone. */
function checkTime(text: string, type: 'date' | 'datetime'): Checked {
  const time = /^-?\d{9,}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isNaN(time) || Math.abs(time) > 8.64e15)
    return { error: 'INVALID_DATE', message: `${text} was not a valid date.` }
  const iso = new Date(time).toISOString()
  return { value: type === 'date' ? iso.slice(0, 10) : iso }
}
