/**
 * @module
 * The fields that only one account has, as arguments: `custom_…` of what is written, and of what a search asks for.
 */
import { type AccountField, isFieldName } from './account-field.ts'
import type { Argument } from './check-arguments.ts'
import type { InputField } from './contract.ts'
import { describeField, describeValues, publishedValues } from './describe-field.ts'

/** More would be a form, not a tool; those a new record needs come first. */
const MOST_CUSTOM_FIELD_ARGUMENTS = 20
const DEFAULT_LENGTH = 255
const LONGEST_TEXT = 32_000

/** One of the account's custom fields, as the argument it has become. */
export interface CustomFieldArgument {
  readonly field: AccountField
  readonly input: InputField
  readonly argument: Argument
}

export function isWritableBy(kind: string, { creatable, updatable }: AccountField): boolean {
  return kind === 'create' ? creatable : updatable
}

/** @param taken Names of arguments that the method has already. */
export function customFieldSets(
  kind: string,
  fields: readonly AccountField[],
  taken: ReadonlySet<string>,
): CustomFieldArgument[] {
  const offered = fields.filter((field) => field.custom && field.type !== undefined && isWritableBy(kind, field))
  const needed = (field: AccountField) => kind === 'create' && field.required
  const ordered = [...offered.filter(needed), ...offered.filter((field) => !needed(field))]
  return named(ordered, taken)
    .slice(0, MOST_CUSTOM_FIELD_ARGUMENTS)
    .map(([name, field]) => customFieldArgument(name, field, { writes: true, required: needed(field) }))
}

/**
 * Filters by equality, those that have few values first and else by name, so that a bound on their number always keeps
 * the same ones. All of them: which are offered, and how many, is for who knows what a caller may see.
 */
export function customFieldFilters(fields: readonly AccountField[], taken: ReadonlySet<string>): CustomFieldArgument[] {
  const offered = fields.filter(
    ({ custom, filterable, type, name }) =>
      // The name becomes part of a query, so it is looked at here whoever has read it.
      custom && filterable && type !== undefined && type !== 'datetime' && isFieldName(name),
  )
  const isClosed = ({ values, type }: AccountField) => values !== undefined || type === 'boolean'
  const ordered = offered.sort(
    (a, b) => Number(isClosed(b)) - Number(isClosed(a)) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
  return named(ordered, taken).map(([name, field]) =>
    customFieldArgument(name, field, { writes: false, required: false }),
  )
}

/** Each name once; the first field has it. */
function named(fields: readonly AccountField[], taken: ReadonlySet<string>): readonly [string, AccountField][] {
  const names = new Set(taken)
  return fields.flatMap((field): [string, AccountField][] => {
    const name = `custom_${field.argument}`
    if (names.has(name)) return []
    names.add(name)
    return [[name, field]]
  })
}

function customFieldArgument(
  name: string,
  field: AccountField,
  { writes, required }: { readonly writes: boolean; readonly required: boolean },
): CustomFieldArgument {
  const { type = 'string' } = field
  const values = publishedValues(field, writes)
  const choice = values ? { enum: values.map(({ value }) => value) } : {}
  return {
    field,
    input: {
      name,
      type: type === 'date' || type === 'datetime' ? 'string' : type,
      required,
      ...choice,
      description: values ? describeValues(field, values) : describeField(field),
      // What it holds is unknown until an operator says it.
      filters: writes ? [] : ['unclassified'],
      customField: field.name,
    },
    argument: {
      name,
      file: {
        type: type === 'datetime' ? 'string' : type,
        required,
        ...choice,
        max_length: Math.min(field.length ?? DEFAULT_LENGTH, LONGEST_TEXT),
      },
    },
  }
}
