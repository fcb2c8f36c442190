/**
 * @module
 * The input schema of a method under a policy: its documented fields, and the `id`, `limit` and `next_cursor` that
 * follow from its kind.
 */
import type { InputField, Method } from '@quartermaster/connectors'
import { isRead, isWritable, type McpServerConfig, mayFilterBy, type Policy } from '@quartermaster/protocol'
import { idClass } from '../policy/resolve-arguments.ts'
import type { ToolProperty, ToolSchema } from './tool.ts'

// The wording of the three injected arguments, and `limit` as a string, are the requirement guide's: clients prompt
// their models with it.
const limit: ToolProperty = { type: 'string', description: 'The number of records to fetch' }
const nextCursor: ToolProperty = {
  type: 'string',
  description:
    'The cursor to fetch the next set of records. Always send back exactly the cursor value you received (nextCursor) without decoding, modifying, or parsing it.',
}

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
  const hidden = (field: InputField) =>
    field.filters.some((piiClass) => !mayFilterBy(policy, piiClass, grant)) ||
    (!isRead(method.kind) && !isWritable(config, method.resource, field.name))
  const byId = takesId(method) || method.kind.startsWith('get')
  if (byId && !mayFilterBy(policy, idClass(method.record), grant)) return undefined
  if (method.input.some((field) => field.required && hidden(field))) return undefined
  const fields = method.input.filter((field) => !hidden(field))
  // A write that could set nothing would only fail.
  if (method.kind === 'update' && fields.length === 0 && method.input.length > 0) return undefined
  const properties = {
    ...(takesId(method) ? { id: idProperty(method) } : {}),
    ...Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    ...(isPaged(method) ? { limit, next_cursor: nextCursor } : {}),
  }
  const required = [
    ...(takesId(method) ? ['id'] : []),
    ...fields.filter((field) => field.required).map((field) => field.name),
  ]
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

/** True for the kinds that answer with pages. */
export function isPaged(method: Pick<Method, 'kind'>): boolean {
  return method.kind === 'list' || method.kind === 'search'
}

/** True for the kinds that are about one record that exists already. */
export function takesId({ kind }: Pick<Method, 'kind'>): boolean {
  return kind === 'get' || kind === 'update' || kind === 'delete'
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
