/**
 * @module
 * The built-in functions of JSONata that closures know, with their signatures: what an argument may be, what becomes a
 * list of one, and that what is missing stays missing. Everything else is left to the interpreter.
 */
import { append, deepEqual, EvaluationFailed, isSequence, lookup, sequenceOf, textOf, truth } from './closure-values.ts'

/** `any`, a type, or a list whose items are all of one type; a single value counts as a list of one. */
type Parameter = 'any' | 'string' | 'scalar' | 'list' | 'strings' | 'numbers' | 'objects'

export interface BuiltIn {
  readonly parameters: readonly Parameter[]
  /** How many arguments may be left out at the end. */
  readonly optional?: number
  readonly call: (...args: never[]) => unknown
}

const itemTypes: Readonly<Partial<Record<Parameter, string>>> = {
  strings: 'string',
  numbers: 'number',
  objects: 'object',
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/**
 * Fits an argument to its parameter.
 * @throws EvaluationFailed T0410 or T0412 when it does not fit.
 */
export function fitArgument(parameter: Parameter, value: unknown): unknown {
  if (value === undefined || parameter === 'any') return value
  const type = typeOf(value)
  if (parameter === 'string' || parameter === 'scalar') {
    if (type === 'string' || (parameter === 'scalar' && (type === 'number' || type === 'boolean'))) return value
    throw new EvaluationFailed('T0410', 'an argument does not have the type that the function takes')
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const wanted = itemTypes[parameter]
  if (wanted !== undefined && !list.every((item) => typeOf(item) === wanted)) {
    throw new EvaluationFailed('T0412', `an argument is not a list of ${parameter}`)
  }
  return list
}

/** `call` only sees what is there: a missing first argument makes the result missing. */
function present<A>(
  parameters: readonly Parameter[],
  call: (first: A, ...rest: never[]) => unknown,
  optional = 0,
): BuiltIn {
  const given = (first: A | undefined, ...rest: never[]) => (first === undefined ? undefined : call(first, ...rest))
  return { parameters, optional, call: given }
}

function after(text: string, mark: string): string {
  const at = text.indexOf(mark)
  return at === -1 ? text : text.slice(at + mark.length)
}

function contains(text: string, part: string | undefined): boolean | undefined {
  return part === undefined ? undefined : text.includes(part)
}

function trim(text: string): string {
  return text.replace(/[ \t\n\r]+/g, ' ').replace(/^ | $/g, '')
}

function toNumber(value: string | number | boolean): number {
  if (typeof value !== 'string') return Number(value)
  const parsed = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/.test(value) ? Number.parseFloat(value) : Number.NaN
  if (Number.isFinite(parsed)) return parsed
  // The anchors bind to the first and the last alternative only; that is how JSONata has it.
  if (/^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/.test(value)) return Number(value)
  throw new EvaluationFailed('D3030', 'a value cannot be made a number')
}

function distinct(list: unknown): unknown {
  if (!Array.isArray(list) || list.length <= 1) return list
  const found: unknown[] = isSequence(list) ? sequenceOf() : []
  const texts = new Set<string>()
  const others: unknown[] = []
  for (const item of list) {
    if (typeof item === 'string' ? texts.has(item) : others.some((other) => deepEqual(item, other))) continue
    if (typeof item === 'string') texts.add(item)
    else others.push(item)
    found.push(item)
  }
  return found
}

function merge(objects: readonly object[]): object {
  const merged: Record<string, unknown> = Object.create(null)
  for (const object of objects) for (const [key, value] of Object.entries(object)) merged[key] = value
  return merged
}

/** By name, without `$`. */
export const builtIns: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['append', { parameters: ['any', 'any'], call: append }],
  ['boolean', present(['any'], truth)],
  ['contains', present(['string', 'string'], contains)],
  ['count', { parameters: ['list'], call: (list: readonly unknown[] | undefined) => list?.length ?? 0 }],
  ['distinct', { parameters: ['any'], call: distinct }],
  ['exists', { parameters: ['any'], call: (value: unknown) => value !== undefined }],
  ['join', present(['strings', 'string'], (list: readonly string[], by?: string) => list.join(by ?? ''), 1)],
  ['lookup', { parameters: ['any', 'string'], call: (value: unknown, key: unknown) => lookup(value, String(key)) }],
  ['lowercase', present(['string'], (text: string) => text.toLowerCase())],
  ['max', present(['numbers'], (list: readonly number[]) => (list.length ? Math.max(...list) : undefined))],
  ['merge', present(['objects'], merge)],
  ['min', present(['numbers'], (list: readonly number[]) => (list.length ? Math.min(...list) : undefined))],
  ['not', present(['any'], (value: unknown) => !truth(value))],
  ['number', present(['scalar'], toNumber)],
  ['string', present(['any'], textOf)],
  ['substringAfter', present(['string', 'string'], after)],
  ['sum', present(['numbers'], (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0))],
  ['trim', present(['string'], trim)],
  ['uppercase', present(['string'], (text: string) => text.toUpperCase())],
])
