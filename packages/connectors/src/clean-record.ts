/**
 * @module
 * Mapped objects become canonical records: only known fields, no nulls, lists and custom fields always present. What
 * does not fit a field's type is left out; what a record cannot be without makes it invalid.
 */
import { type CanonicalRecord, type RecordName, records } from '@quartermaster/protocol'
import type { z } from 'zod'
import { dangerousKeys } from './expression-functions.ts'

/** The shape of a canonical type, read from its schema once. */
export type RecordPlan =
  | { readonly kind: 'scalar'; readonly schema: z.ZodType }
  | { readonly kind: 'object'; readonly members: readonly Member[] }
  | { readonly kind: 'list'; readonly element: RecordPlan }
  | { readonly kind: 'map' }

interface Member {
  readonly name: string
  readonly plan: RecordPlan
  readonly required: boolean
}

interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly shape?: { readonly [name: string]: z.ZodType }
}

function planOf(schema: z.ZodType): RecordPlan {
  const definition = schema.def as unknown as Definition
  if (definition.type === 'optional' && definition.innerType) return planOf(definition.innerType)
  if (definition.type === 'array' && definition.element) return { kind: 'list', element: planOf(definition.element) }
  if (definition.type === 'record') return { kind: 'map' }
  if (definition.type !== 'object' || !definition.shape) return { kind: 'scalar', schema }
  const members = Object.entries(definition.shape).map(([name, member]) => ({
    name,
    plan: planOf(member),
    required: (member.def as unknown as Definition).type !== 'optional',
  }))
  return { kind: 'object', members }
}

const plans = new Map<RecordName, RecordPlan>()

export function recordPlan(name: RecordName): RecordPlan {
  const plan = plans.get(name) ?? planOf(records[name].schema)
  plans.set(name, plan)
  return plan
}

/**
 * Returns the canonical record, or nothing when a required member is missing.
 * `partial`: the answer to a write tells only some fields; then empty lists and maps are left out, for they would read
 * as "there are none".
 */
export function cleanRecord(
  name: RecordName,
  mapped: unknown,
  options: { readonly partial?: boolean } = {},
): CanonicalRecord | undefined {
  return clean(recordPlan(name), mapped, options.partial === true) as CanonicalRecord | undefined
}

function clean(plan: RecordPlan, value: unknown, partial: boolean): unknown {
  if (plan.kind === 'list') {
    const source = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
    const list = source.map((one) => clean(plan.element, one, false)).filter((one) => one !== undefined)
    return partial && list.length === 0 ? undefined : list
  }
  if (plan.kind === 'map') return cleanMap(value, partial)
  if (value === undefined || value === null || value === '') return undefined
  if (plan.kind === 'scalar') return plan.schema.safeParse(value).success ? value : undefined
  return cleanObject(plan.members, value, partial)
}

function cleanObject(members: readonly Member[], value: unknown, partial: boolean): object | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined
  const source = value as { readonly [name: string]: unknown }
  const result: Record<string, unknown> = {}
  for (const { name, plan, required } of members) {
    const member = clean(plan, Object.hasOwn(source, name) ? source[name] : undefined, partial)
    if (member !== undefined) result[name] = member
    else if (required && !(partial && plan.kind !== 'scalar')) return undefined
  }
  const told = Object.keys(result)
  // A label without anything that it labels, such as an address that is only "billing", says nothing.
  return told.length === 0 || (told.length === 1 && told[0] === 'type') ? undefined : result
}

function cleanMap(value: unknown, partial: boolean): object | undefined {
  const result: Record<string, string | number | boolean> = {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
      if (dangerousKeys.has(key) || member === '') continue
      if (typeof member === 'string' || typeof member === 'boolean') result[key] = member
      else if (typeof member === 'number' && Number.isFinite(member)) result[key] = member
    }
  }
  return partial && Object.keys(result).length === 0 ? undefined : result
}
