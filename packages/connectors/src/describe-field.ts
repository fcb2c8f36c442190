/**
 * @module
 * What a model reads about a field of an account: its label, the form of its values, and those it can have.
 */
import type { AccountField } from './account-field.ts'

const MOST_ENUM_CHARACTERS = 600

/** What a new value can be, or what an old one may be; undefined when that is too much to tell, or anything goes. */
export function publishedValues({ values }: AccountField, writes: boolean): AccountField['values'] {
  const published = values?.filter(({ active }) => active || !writes)
  const characters = published?.reduce((sum, { value, label }) => sum + value.length + label.length, 0) ?? 0
  return published && published.length > 0 && characters <= MOST_ENUM_CHARACTERS ? published : undefined
}

/** The field, and the labels of values that do not say what they are. */
export function describeValues(field: AccountField, values: NonNullable<AccountField['values']>): string {
  const told = values.filter(({ value, label }) => folded(value) !== folded(label))
  const labels = told.map(({ value, label }) => `${value} is ${label}`)
  return [describeField(field), ...labels].join('; ')
}

const forms = { date: ', YYYY-MM-DD', datetime: ', ISO 8601' } as const

/** The account's word for it, and for its custom fields the name under which answers show it, if that is another. */
export function describeField({ label, name, argument, custom, type }: AccountField): string {
  const form = type === 'date' || type === 'datetime' ? forms[type] : ''
  return `${label}${form}${custom && folded(label) !== folded(argument) ? ` (${name})` : ''}`
}

function folded(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
