/**
 * @module
 * Members that an answer may leave out, for providers that hold a model to a form in which nothing may be left out: such
 * a member is shown as required and may be null, and a null that comes back for it is read as absent.
 */

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The schema as it is sent: every object closed, every member required, what was optional nullable, no defaults. These
 * are the rules of OpenAI's structured outputs (developers' guide, "Supported schemas").
 */
export function withAllRequired(schema: JsonSchema): JsonSchema {
  const { default: _, ...kept } = mapParts(schema, withAllRequired)
  const properties = partsOf(kept['properties'])
  if (!properties) return kept
  const required = requiredOf(schema)
  const shown = Object.entries(properties).map(([name, member]): [string, JsonSchema] => [
    name,
    required.includes(name) || allowsNull(member) ? member : orNull(member),
  ])
  return {
    ...kept,
    properties: Object.fromEntries(shown),
    required: shown.map(([name]) => name),
    additionalProperties: kept['additionalProperties'] ?? false,
  }
}

/** The value without the nulls that {@link withAllRequired} has asked for. `schema` is the one before it. */
export function withoutAbsent(value: unknown, schema: JsonSchema, root: JsonSchema = schema): unknown {
  const target = resolve(schema, root)
  const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((word) => listOf(target[word]))
  const own = branches.reduce<unknown>(
    (kept, branch) => (fits(kept, resolve(branch, root)) ? withoutAbsent(kept, branch, root) : kept),
    value,
  )
  if (Array.isArray(own)) {
    const fixed = listOf(target['prefixItems'])
    const rest = partOf(target['items'])
    return own.map((item: unknown, at) => {
      const part = fixed[at] ?? rest
      return part ? withoutAbsent(item, part, root) : item
    })
  }
  if (!isObject(own)) return own
  const properties = partsOf(target['properties']) ?? {}
  const others = partOf(target['additionalProperties'])
  const required = requiredOf(target)
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, member]) => {
      const part = Object.hasOwn(properties, name) ? properties[name] : others
      if (!part) return [[name, member]]
      const isAbsent = member === null && !required.includes(name) && !allowsNull(resolve(part, root))
      return isAbsent ? [] : [[name, withoutAbsent(member, part, root)]]
    }),
  )
}

/** A branch of a union is the value's when the members that it fixes are the value's. */
function fits(value: unknown, branch: JsonSchema): boolean {
  if (!isObject(value)) return true
  const properties = partsOf(branch['properties']) ?? {}
  return Object.entries(properties).every(([name, part]) => !('const' in part) || part['const'] === value[name])
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema
  if (typeof type === 'string' && !('enum' in schema) && !('const' in schema))
    return { ...schema, type: [type, 'null'] }
  const { description, ...rest } = schema
  return { anyOf: [rest, { type: 'null' }], ...(description === undefined ? {} : { description }) }
}

function allowsNull(schema: JsonSchema): boolean {
  const { type } = schema
  if (type === 'null' || (Array.isArray(type) && type.includes('null'))) return true
  return ['anyOf', 'oneOf'].flatMap((word) => listOf(schema[word])).some(allowsNull)
}

function mapParts(schema: JsonSchema, change: (part: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([word, value]): [string, unknown] => {
      const parts = partsOf(value)
      if (['properties', '$defs'].includes(word) && parts) {
        return [word, Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, change(part)]))]
      }
      if (['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(word)) return [word, listOf(value).map(change)]
      const part = ['items', 'additionalProperties'].includes(word) ? partOf(value) : undefined
      return [word, part ? change(part) : value]
    }),
  )
}

/** Only a schema that contains itself is written with references; they lead into the same document (RFC 6901). */
function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref: ref } = schema
  if (typeof ref !== 'string' || !ref.startsWith('#')) return schema
  const steps = ref.slice(1).split('/').filter(Boolean)
  return partOf(steps.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root)) ?? schema
}

function requiredOf(schema: JsonSchema): readonly unknown[] {
  const { required } = schema
  return Array.isArray(required) ? required : []
}

function listOf(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function partOf(value: unknown): JsonSchema | undefined {
  return isObject(value) ? value : undefined
}

function partsOf(value: unknown): Readonly<Record<string, JsonSchema>> | undefined {
  if (!isObject(value)) return undefined
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, JsonSchema] => isObject(entry[1])))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
