/**
 * @module
 * A caller's arguments against a method's fields: known names, right types, sendable text. What is not declared is not sent.
 */
import { FailureError, fail } from '@quartermaster/protocol'
import type { ArgumentFile } from './connector-file.ts'
import type { MethodInput } from './contract.ts'
import type { IdTest } from './id-shape.ts'

/** One argument, with its id test bound. */
export interface Argument {
  readonly name: string
  readonly file: Pick<ArgumentFile, 'type' | 'enum' | 'required' | 'max_length'>
  readonly isId?: IdTest
}

type Value = string | number | boolean

export function refuse(action: string, because: string, advice: string): never {
  throw new FailureError(fail('invalid_arguments', `Cannot ${action}: ${because}.`, advice))
}

/**
 * Returns the declared arguments that are present, in the order of declaration.
 * @throws FailureError `invalid_arguments` naming the argument and what it must be; never its value.
 */
export function checkArguments(
  fields: readonly Argument[],
  args: MethodInput['args'],
  action: string,
): { readonly [name: string]: Value } {
  const checked: Record<string, Value> = {}
  for (const field of fields) {
    const value = Object.hasOwn(args, field.name) ? args[field.name] : undefined
    if (value === undefined) {
      if (field.file.required) refuse(action, `${field.name} is missing`, `Give ${field.name}.`)
      continue
    }
    const wanted = mismatch(field, value)
    if (wanted !== undefined)
      refuse(action, `${field.name} must be ${wanted}`, `Correct ${field.name}, then call again.`)
    checked[field.name] = value
  }
  return checked
}

/** What the value should have been, or nothing when it is right. */
function mismatch({ file, isId }: Argument, value: Value): string | undefined {
  if (file.type === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false'
  if (file.type === 'number') return Number.isFinite(value) ? undefined : 'a number'
  if (file.type === 'integer') return Number.isSafeInteger(value) ? undefined : 'a whole number'
  if (typeof value !== 'string') return 'text'
  if (value.length > file.max_length) return `at most ${file.max_length} characters long`
  if (!value.isWellFormed() || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)) {
    return 'text without control characters'
  }
  if (file.enum && !file.enum.includes(value)) return `one of ${file.enum.join(', ')}`
  if (file.type === 'id' && isId?.(value) !== true) return 'an id as this system writes it'
  return file.type === 'date' && !isDate(value) ? 'a calendar date such as 2026-01-31' : undefined
}

function isDate(value: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value)
}
