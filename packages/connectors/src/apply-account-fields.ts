/**
 * @module
 * A method as one account has it: with the values its picklists have, without what cannot be written there, and with
 * the account's custom fields as arguments of writes and filters of searches.
 */
import type { AccountField } from './account-field.ts'
import type { Argument } from './check-arguments.ts'
import { customFieldFilters, customFieldSets, isWritableBy } from './custom-field-arguments.ts'
import { describeValues, publishedValues } from './describe-field.ts'
import type { MethodDefinition } from './method-definition.ts'

/** The definition of the method for an account with these fields. */
export function applyAccountFields(definition: MethodDefinition, fields: readonly AccountField[]): MethodDefinition {
  const { kind } = definition.facts
  const writes = kind === 'create' || kind === 'update'
  const byName = new Map(fields.map((field) => [field.name, field]))
  const described = (argument: string) =>
    byName.get(definition.picklists.get(argument) ?? definition.sets.get(argument) ?? '')
  const isOffered = ({ name, required }: { readonly name: string; readonly required: boolean }) => {
    const field = writes && definition.sets.has(name) ? described(name) : undefined
    return field === undefined || required || isWritableBy(kind, field)
  }
  const input = definition.facts.input.filter(isOffered).map((one) => {
    const field = described(one.name)
    if (!field) return one
    const needed = kind === 'create' && definition.sets.has(one.name) && field.required
    const values = definition.picklists.has(one.name) ? publishedValues(field, writes) : undefined
    return {
      ...one,
      required: one.required || needed,
      ...(values ? { enum: values.map(({ value }) => value), description: describeValues(field, values) } : {}),
    }
  })
  const taken = new Set(input.map(({ name }) => name))
  const sets = writes ? customFieldSets(kind, fields, taken) : []
  const filters = definition.customFieldFilter ? customFieldFilters(fields, taken) : []
  const own = [...sets, ...filters]
  const known = new Map(definition.arguments.map((argument) => [argument.name, argument]))
  return {
    ...definition,
    facts: { ...definition.facts, input: [...input, ...own.map(({ input: field }) => field)] },
    arguments: [
      ...input.flatMap(({ name, required, enum: values }): Argument[] => {
        const argument = known.get(name)
        if (!argument) return []
        return [{ ...argument, file: { ...argument.file, required, ...(values ? { enum: [...values] } : {}) } }]
      }),
      ...own.map(({ argument }) => argument),
    ],
    sets: new Map([...definition.sets, ...sets.map(({ argument: { name }, field }) => [name, field.name] as const)]),
    customFieldFilters: new Map(filters.map(({ argument: { name }, field }) => [name, field] as const)),
    fieldNames: new Map([
      ...definition.fieldNames,
      ...own.map(({ argument: { name }, field }) => [field.name, name] as const),
    ]),
  }
}
