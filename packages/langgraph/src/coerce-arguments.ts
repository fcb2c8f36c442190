/**
 * @module
 * What models send for what a schema asks: a number for a string, a string for a number, null for nothing. The server
 * takes these too; doing it here keeps a strict local validator from refusing what the server would accept.
 */

type Properties = Readonly<Record<string, unknown>>

/** The arguments without nulls, each scalar in the type that its property names, where that loses nothing. */
export function coerceArguments(args: Properties, schema: Properties): Properties
export function coerceArguments(args: unknown, schema: Properties): unknown
export function coerceArguments(args: unknown, schema: Properties): unknown {
  if (!isObject(args)) return args ?? {}
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const present = Object.entries(args).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, coerce(value, properties[name])]))
}

function coerce(value: unknown, property: unknown): unknown {
  const type = isObject(property) ? property['type'] : undefined
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
  if (typeof value !== 'string') return value
  const text = value.trim()
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'number' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
