/**
 * @module
 * A method as one account has it: with the values its picklists have, without what cannot be written there, and with
 * the account's own fields as arguments of writes.
 */
import type { AccountField } from './account-field.ts'
import type { MethodParts } from './build-method.ts'
import type { Argument } from './check-arguments.ts'
import type { InputField } from './contract.ts'

/** More would be a form, not a tool; those a new record needs come first. */
const MOST_OWN_ARGUMENTS = 20
const MOST_ENUM_CHARACTERS = 600
const DEFAULT_LENGTH = 255
const LONGEST_TEXT = 32_000

/** The parts of the method for an account with these fields. */
export function shapeParts(parts: MethodParts, fields: readonly AccountField[]): MethodParts {
  const { kind } = parts.facts
  const writes = kind === 'create' || kind === 'update'
  const byName = new Map(fields.map((field) => [field.name, field]))
  const described = (argument: string) => byName.get(parts.picklists.get(argument) ?? parts.sets.get(argument) ?? '')
  const isOffered = ({ name, required }: { readonly name: string; readonly required: boolean }) => {
    const field = writes && parts.sets.has(name) ? described(name) : undefined
    return field === undefined || required || isWritableBy(kind, field)
  }
  const input = parts.facts.input.filter(isOffered).map((one) => {
    const field = described(one.name)
    if (!field) return one
    const needed = kind === 'create' && parts.sets.has(one.name) && field.required
    const values = parts.picklists.has(one.name) ? publishedValues(field, writes) : undefined
    return {
      ...one,
      required: one.required || needed,
      ...(values ? { enum: values.map(({ value }) => value), description: describeValues(field, values) } : {}),
    }
  })
  const own = writes ? ownFields(kind, fields, new Set(input.map(({ name }) => name))) : []
  const shaped = [...input, ...own.map(({ input: field }) => field)]
  const known = new Map(parts.arguments.map((argument) => [argument.name, argument]))
  return {
    ...parts,
    facts: { ...parts.facts, input: shaped },
    arguments: [
      ...input.flatMap(({ name, required, enum: values }): Argument[] => {
        const argument = known.get(name)
        if (!argument) return []
        return [{ ...argument, file: { ...argument.file, required, ...(values ? { enum: [...values] } : {}) } }]
      }),
      ...own.map(({ argument }) => argument),
    ],
    sets: new Map([...parts.sets, ...own.map(({ input: { name }, field }) => [name, field.name] as const)]),
    fieldNames: new Map([...parts.fieldNames, ...own.map(({ input: { name }, field }) => [field.name, name] as const)]),
  }
}

interface OwnField {
  readonly field: AccountField
  readonly input: InputField
  readonly argument: Argument
}

function ownFields(kind: string, fields: readonly AccountField[], taken: ReadonlySet<string>): readonly OwnField[] {
  const offered = fields.filter((field) => field.custom && field.type !== undefined && isWritableBy(kind, field))
  const needed = (field: AccountField) => kind === 'create' && field.required
  const ordered = [...offered.filter(needed), ...offered.filter((field) => !needed(field))]
  const names = new Set(taken)
  const own: OwnField[] = []
  for (const field of ordered) {
    const name = `custom_${field.argument}`
    if (names.has(name) || own.length >= MOST_OWN_ARGUMENTS) continue
    names.add(name)
    const values = publishedValues(field, true)
    const type = field.type === 'date' || field.type === 'datetime' ? 'string' : (field.type ?? 'string')
    const required = needed(field)
    own.push({
      field,
      input: {
        name,
        type,
        required,
        ...(values ? { enum: values.map(({ value }) => value) } : {}),
        description: values ? describeValues(field, values) : describe(field),
        filters: [],
        own: field.name,
      },
      argument: {
        name,
        file: {
          type: field.type === 'datetime' ? 'string' : (field.type ?? 'string'),
          required,
          ...(values ? { enum: values.map(({ value }) => value) } : {}),
          max_length: Math.min(field.length ?? DEFAULT_LENGTH, LONGEST_TEXT),
        },
      },
    })
  }
  return own
}

function isWritableBy(kind: string, { creatable, updatable }: AccountField): boolean {
  return kind === 'create' ? creatable : updatable
}

/** What a new value can be, or what an old one may be. */
function publishedValues({ values }: AccountField, writes: boolean) {
  const published = values?.filter(({ active }) => active || !writes)
  const characters = published?.reduce((sum, { value, label }) => sum + value.length + label.length, 0) ?? 0
  return published && published.length > 0 && characters <= MOST_ENUM_CHARACTERS ? published : undefined
}

function describeValues(field: AccountField, values: NonNullable<AccountField['values']>): string {
  const told = values.filter(({ value, label }) => folded(value) !== folded(label))
  const labels = told.map(({ value, label }) => `${value} is ${label}`)
  return [describe(field), ...labels].join('; ')
}

const forms = { date: ', YYYY-MM-DD', datetime: ', ISO 8601' } as const

/** The account's word for it, and for its own fields the name under which answers show it, if that is another. */
function describe({ label, name, argument, custom, type }: AccountField): string {
  const form = type === 'date' || type === 'datetime' ? forms[type] : ''
  return `${label}${form}${custom && folded(label) !== folded(argument) ? ` (${name})` : ''}`
}

function folded(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
