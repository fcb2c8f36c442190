/**
 * @module
 * What a model sent, as what a method takes. Forgiving about how a value is written, strict about what it is, and all
 * faults are told at once, by name and expected type, never by value.
 */
import type { MethodInput } from '@quartermaster/connectors'
import { type Failure, fail, isRead } from '@quartermaster/protocol'
import { coerceValue } from './coerce-value.ts'
import { isPaged, takesId } from './input-schema.ts'
import type { Tool } from './tool.ts'

export type CoercedArguments =
  | {
      readonly ok: true
      /** Without its cursor, which is still sealed. */
      readonly input: MethodInput
      readonly sealedCursor?: string
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly failure: Failure }

type Value = string | number | boolean
type Values = Readonly<Record<string, Value>>

const NAMED_UNKNOWNS = 10
const unsafeNames = new Set(['__proto__', 'constructor', 'prototype'])
const plainName = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/

/**
 * Reads `args` by the tool's published schema: what is not published, such as a filter that the policy took away, is
 * unknown. `null` is absent; `""` is absent for a cursor and for the options of a read, and a value for a write.
 */
export function coerceArguments(tool: Tool, args: unknown): CoercedArguments {
  const given = args ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    return refusal(tool, ['arguments must be an object with named members'])
  }
  const faults: string[] = []
  const values: Record<string, Value> = {}
  let ids: readonly string[] | undefined
  for (const [name, property] of Object.entries(tool.inputSchema.properties)) {
    const value = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined
    if (isAbsent(tool, name, value)) {
      if (tool.inputSchema.required?.includes(name)) faults.push(`"${name}" is required`)
      continue
    }
    const isLimit = name === 'limit' && isPaged(tool.method)
    const coerced = coerceValue(value, isLimit ? { ...property, type: 'integer' } : property)
    if (!coerced.ok) faults.push(`"${name}" must be ${coerced.expected}`)
    else if (typeof coerced.value === 'object') ids = coerced.value
    else values[name] = coerced.value
  }
  if (faults.length > 0) return refusal(tool, faults)
  const notes = noteUnknown(tool, given)
  return ids === undefined ? toInput(tool, values, notes) : { ok: true, input: { ids, args: values }, notes }
}

function toInput({ method }: Tool, values: Values, notes: readonly string[]): CoercedArguments {
  if (takesId(method)) {
    const { id, ...args } = values
    return { ok: true, input: { id: String(id), args }, notes }
  }
  if (!isPaged(method)) return { ok: true, input: { args: values }, notes }
  const { limit: asked = method.defaultLimit, next_cursor: sealedCursor, ...args } = values
  const limit = Math.min(method.maxLimit, Math.max(1, Number(asked)))
  const clamped = limit === asked ? [] : [`limit was set to ${limit}; it can be 1 to ${method.maxLimit}.`]
  return {
    ok: true,
    input: { limit, args },
    ...(sealedCursor === undefined ? {} : { sealedCursor: String(sealedCursor) }),
    notes: [...clamped, ...notes],
  }
}

function isAbsent(tool: Tool, name: string, value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (value !== '') return false
  return isRead(tool.method.kind) || (tool.inputSchema.required?.includes(name) ?? false)
}

function noteUnknown(tool: Tool, given: object): readonly string[] {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(tool.inputSchema.properties, name))
  if (unknown.length === 0) return []
  // A name is the caller's text too: only what looks like an argument's name is repeated.
  const named = unknown.filter((name) => plainName.test(name) && !unsafeNames.has(name)).slice(0, NAMED_UNKNOWNS)
  const unnamed = unknown.length - named.length
  const list = [...named, ...(unnamed > 0 ? [`${unnamed} unnamed`] : [])]
  return [`Ignored unknown arguments: ${list.join(', ')}.`]
}

function refusal(tool: Tool, faults: readonly string[]): CoercedArguments {
  const names = Object.keys(tool.inputSchema.properties)
  return {
    ok: false,
    failure: fail(
      'invalid_arguments',
      `Cannot call ${tool.name}: ${faults.join('; ')}.`,
      `Correct the arguments and call again. Arguments: ${names.length > 0 ? names.join(', ') : 'none'}.`,
    ),
  }
}
