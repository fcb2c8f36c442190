/**
 * @module
 * The input schema of a method under a policy: its documented fields, and the `id`, `limit` and `next_cursor` that
 * follow from its kind.
 */
import type { InputField, Method } from '@quartermaster/connectors'
import { isRead, isWritable, type McpServerConfig, policies } from '@quartermaster/protocol'
import { type Asked, mayAsk } from '../policy/may-ask.ts'
import { idClasses } from './resolve-arguments.ts'
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

/** As much of a configuration as decides about arguments. */
export type ArgumentRules = Pick<McpServerConfig, 'pii' | 'writable' | 'resolve_pseudonyms'>

export type InputSchema =
  | { readonly ok: true; readonly schema: ToolSchema }
  /** Why the method cannot be called, and the arguments that stand in the way. */
  | { readonly ok: false; readonly why: 'policy' | 'nothing_writable'; readonly arguments: readonly string[] }

/** More would be a form, not a tool. */
const MOST_CUSTOM_FIELD_FILTERS = 20

/**
 * The schema with the arguments that every one of `rules` admits. There is none when the method requires an argument
 * that filters by something a policy hides, or sets something that may not be written.
 */
export function inputSchemaFor(method: Method, rules: readonly ArgumentRules[]): InputSchema {
  const isOpen = (asked: Asked) =>
    rules.every(({ pii, resolve_pseudonyms }) =>
      mayAsk(policies[pii], asked, { resolvesPseudonyms: resolve_pseudonyms === true }),
    )
  // What an account's custom field holds is unknown, so only who may see all of them may set one.
  const knows = ({ customField }: InputField) =>
    customField === undefined || rules.every(({ pii }) => policies[pii].unclassified === 'keep')
  const maySet = (field: InputField) =>
    isRead(method.kind) || (knows(field) && rules.every((one) => isWritable(one, method.resource, field.name)))
  const customFieldFilters = rules.map((rule) => visibleCustomFields(method, rule))
  const mayFilter = (field: InputField) =>
    isCustomFieldFilter(method, field) ? customFieldFilters.every((names) => names.has(field.name)) : isOpen(field)
  const isReadable = (field: InputField) => mayFilter(field) && field.enum?.length !== 0
  const input = method.input.map((field) => withReadableValues(field, isOpen))
  const byId = takesId(method) || method.kind.startsWith('get')
  const ofId = { filters: idClasses(method), ...(method.idCeiling ? { ceiling: method.idCeiling } : {}) }
  const idHidden = byId && !isOpen(ofId)
  const asked = input.filter((field) => field.required && !isReadable(field))
  if (idHidden || asked.length > 0) {
    const id = takesIds(method) ? 'ids' : 'id'
    return { ok: false, why: 'policy', arguments: [...(idHidden ? [id] : []), ...asked.map(({ name }) => name)] }
  }
  const fields = input.filter((field) => isReadable(field) && maySet(field))
  const unset = input.filter((field) => field.required && !maySet(field))
  // A write that could set nothing would only fail.
  const setsNothing = method.kind === 'update' && fields.length === 0 && method.input.length > 0
  if (unset.length > 0 || setsNothing) {
    return { ok: false, why: 'nothing_writable', arguments: unset.map(({ name }) => name) }
  }
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
  return { ok: true, schema: { type: 'object', properties, ...(required.length > 0 ? { required } : {}) } }
}

/**
 * The account's custom fields that a role sees as they are, as far as it is offered them: by no other it can filter, and no
 * pseudonym is resolved for one.
 */
function visibleCustomFields(method: Method, { pii }: ArgumentRules): ReadonlySet<string> {
  const visible = method.input.filter((field) => isCustomFieldFilter(method, field) && mayAsk(policies[pii], field))
  return new Set(visible.slice(0, MOST_CUSTOM_FIELD_FILTERS).map(({ name }) => name))
}

/** Whether the field filters by one of the account's own. */
export function isCustomFieldFilter({ kind }: Pick<Method, 'kind'>, { customField }: InputField): boolean {
  return customField !== undefined && isRead(kind)
}

function pagingOf({ kind }: Method): ToolSchema['properties'] {
  if (kind === 'search') return { limit: searchLimit, next_cursor: searchCursor }
  return kind === 'list' ? { limit, next_cursor: nextCursor } : {}
}

/** Without the values that ask about something the policy hides: they are as unknown as values that never were. */
function withReadableValues(field: InputField, isOpen: (asked: Asked) => boolean): InputField {
  const { enum: values, valueFilters } = field
  if (!values || !valueFilters) return field
  return { ...field, enum: values.filter((value) => isOpen({ filters: valueFilters[value] ?? [] })) }
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
