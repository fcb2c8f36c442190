/**
 * @module
 * The input schema of a method under a policy: its documented fields, and the `id`, `limit` and `next_cursor` that
 * follow from its kind.
 */
import type { InputField, Method } from '@quartermaster/connectors'
import { isRead, isWritable, type McpServerConfig, mayFilterBy, type Policy } from '@quartermaster/protocol'
import { idClass } from '../policy/resolve-arguments.ts'
import type { ToolProperty, ToolSchema } from './tool.ts'

// The wording of the injected arguments of lists, and `limit` as a string, are the requirement guide's: clients prompt
// their models with it.
const limit: ToolProperty = { type: 'string', description: 'The number of records to fetch' }
const nextCursor: ToolProperty = {
  type: 'string',
  description:
    'The cursor to fetch the next set of records. Always send back exactly the cursor value you received (nextCursor) without decoding, modifying, or parsing it.',
}

// A toolset has more searches than lists, and pays for each of them on every turn: the same in fewer words.
const searchLimit: ToolProperty = { type: 'string', description: 'Page size' }
const searchCursor: ToolProperty = { type: 'string', description: 'Send back exactly as received' }

/**
 * The schema, or undefined when the method cannot be called under this policy because it requires an argument that
 * filters by something the policy hides, or sets something that the URL may not write.
 */
export function inputSchemaFor(
  method: Method,
  policy: Policy,
  config: Pick<McpServerConfig, 'writable' | 'resolve_pseudonyms'> = {},
): ToolSchema | undefined {
  const grant = { resolvesPseudonyms: config.resolve_pseudonyms === true }
  const mayAsk = (filters: InputField['filters']) => filters.every((piiClass) => mayFilterBy(policy, piiClass, grant))
  const input = method.input.map((field) => withReadableValues(field, mayAsk))
  const hidden = (field: InputField) =>
    !mayAsk(field.filters) ||
    field.enum?.length === 0 ||
    (!isRead(method.kind) && !isWritable(config, method.resource, field.name))
  const byId = takesId(method) || method.kind.startsWith('get')
  if (byId && !mayFilterBy(policy, idClass(method.record), grant)) return undefined
  if (input.some((field) => field.required && hidden(field))) return undefined
  const fields = input.filter((field) => !hidden(field))
  // A write that could set nothing would only fail.
  if (method.kind === 'update' && fields.length === 0 && method.input.length > 0) return undefined
  const properties = {
    ...(takesId(method) ? { id: idProperty(method) } : {}),
    ...(takesIds(method) ? { ids: idsProperty(method) } : {}),
    ...Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    ...pagingOf(method),
  }
  const required = [
    ...(takesId(method) ? ['id'] : []),
    ...(takesIds(method) ? ['ids'] : []),
    ...fields.filter((field) => field.required).map((field) => field.name),
  ]
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

function pagingOf({ kind }: Method): ToolSchema['properties'] {
  if (kind === 'search') return { limit: searchLimit, next_cursor: searchCursor }
  return kind === 'list' ? { limit, next_cursor: nextCursor } : {}
}

/** Without the values that ask about something the policy hides: they are as unknown as values that never were. */
function withReadableValues(field: InputField, mayAsk: (filters: InputField['filters']) => boolean): InputField {
  const { enum: values, valueFilters } = field
  if (!values || !valueFilters) return field
  return { ...field, enum: values.filter((value) => mayAsk(valueFilters[value] ?? [])) }
}

/** True for the kinds that answer with pages. */
export function isPaged(method: Pick<Method, 'kind'>): boolean {
  return method.kind === 'list' || method.kind === 'search'
}

/** True for the kinds that are about one record that exists already. */
export function takesId({ kind }: Pick<Method, 'kind'>): boolean {
  return kind === 'get' || kind === 'update' || kind === 'delete'
}

/** True for the kind that reads many records by their ids. */
export function takesIds({ kind }: Pick<Method, 'kind'>): boolean {
  return kind === 'get_many'
}

/** True for the kinds whose answer is one record and not a list. */
export function isAboutOne({ kind }: Pick<Method, 'kind'>): boolean {
  return takesId({ kind }) || kind === 'create'
}

function idsProperty({ maxLimit }: Method): ToolProperty {
  return { type: 'array', items: { type: 'string' }, description: `1 to ${maxLimit} ids` }
}

function idProperty(method: Method): ToolProperty {
  return { type: 'string', description: `The id of the ${nounOf(method.resource)} to ${method.kind}. Required.` }
}

function nounOf(resource: string): string {
  const words = resource.replaceAll('_', ' ')
  if (words.endsWith('ies')) return `${words.slice(0, -3)}y`
  return words.endsWith('s') && !words.endsWith('ss') ? words.slice(0, -1) : words
}

function propertyOf({ type, description, enum: values }: InputField): ToolProperty {
  return { type, description, ...(values ? { enum: values } : {}) }
}
