/**
 * @module
 * A field of a connected account as its system describes it, made safe to publish: whatever people wrote into a label
 * or a list of values, only short plain text comes out.
 */
import { dangerousKeys } from './expression-functions.ts'

export interface AccountField {
  /** The system's name. */
  readonly name: string
  /** What the account's people call it; plain text of at most 40 characters, the name when there is no better. */
  readonly label: string
  /** Absent for kinds of values that no argument can carry. */
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime'
  /** Every value there is, in the system's order; absent when anything goes, or when one of them cannot be published. */
  readonly values?: readonly AccountFieldValue[]
  /** Most characters of a text, when the system says. */
  readonly length?: number
  /** A new record cannot do without it. */
  readonly required: boolean
  readonly creatable: boolean
  readonly updatable: boolean
  /** Searches can ask for one value of it, and the question makes sense. */
  readonly filterable: boolean
  /** Only this account has it. */
  readonly custom: boolean
  /** The argument's name for one of the account's custom fields, without a prefix. */
  readonly argument: string
}

export interface AccountFieldValue {
  readonly value: string
  readonly label: string
  /** False for values that old records may have and new ones cannot. */
  readonly active: boolean
}

type Raw = { readonly [member: string]: unknown }

const LONGEST_LABEL = 40
const LONGEST_VALUE = 80
/** A longer list costs a model more than it tells. */
const MOST_VALUES = 30
const types = ['string', 'integer', 'number', 'boolean', 'date', 'datetime'] as const

/** A field as `account_fields.each` gives it; undefined when it is none, or has a name that could do harm elsewhere. */
export function readAccountField(raw: unknown): AccountField | undefined {
  if (!isObject(raw)) return undefined
  const { name, length } = raw
  if (typeof name !== 'string' || !isFieldName(name)) return undefined
  const type = types.find((one) => one === raw['type'])
  const values = valuesOf(raw['values'])
  return {
    name,
    label: plainLabel(raw['label']) || name,
    ...(type ? { type } : {}),
    ...(values ? { values } : {}),
    ...(typeof length === 'number' && length > 0 ? { length } : {}),
    required: raw['required'] === true,
    creatable: raw['creatable'] === true,
    updatable: raw['updatable'] === true,
    filterable: raw['filterable'] === true,
    custom: raw['custom'] === true,
    argument: argumentName(typeof raw['argument'] === 'string' ? raw['argument'] : name),
  }
}

/**
 * Letters, digits and the punctuation of ordinary names, at most 40 characters. What could end a sentence, open a tag or
 * hide is left out: a label is read by models as part of a description.
 */
export function plainLabel(text: unknown): string {
  if (typeof text !== 'string') return ''
  const plain = text
    .slice(0, 4 * LONGEST_LABEL)
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{N} &/+%#'()-]/gu, ' ')
  return [...plain.replace(/ +/g, ' ').trim()].slice(0, LONGEST_LABEL).join('').trim()
}

function valuesOf(raw: unknown): readonly AccountFieldValue[] | undefined {
  // A list of one is the one itself in the expression language.
  const entries = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw]
  if (entries.length === 0 || entries.length > MOST_VALUES) return undefined
  const values = entries.flatMap((entry): AccountFieldValue[] => {
    const { value, label, active } = isObject(entry) ? entry : ({} as Raw)
    if (typeof value !== 'string' || !isPlainValue(value)) return []
    return [{ value, label: plainLabel(label) || value, active: active !== false }]
  })
  // Some of the values would say that there are no others.
  return values.length === entries.length ? values : undefined
}

function isPlainValue(value: string): boolean {
  return value.length <= LONGEST_VALUE && value.trim() === value && /^[\p{L}\p{M}\p{N} _.,:;&/+%#'()-]+$/u.test(value)
}

/** A name that can stand in a query or a key as it is. */
export function isFieldName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,99}$/.test(name) && !dangerousKeys.has(name)
}

function argumentName(name: string): string {
  return name.toLowerCase().replace(/_+/g, '_').replace(/^_|_$/g, '').slice(0, 40)
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
