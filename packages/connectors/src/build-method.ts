/**
 * @module
 * Puts a method together: `prepare` turns canonical input into a request, `read` an answer into an outcome.
 */
import { type CanonicalRecord, type Failure, FailureError, fail, isRead } from '@quartermaster/protocol'
import type { AccountField } from './account-field.ts'
import { applyAccountFields } from './apply-account-fields.ts'
import { buildRequest, type RequestTemplate } from './build-request.ts'
import { type Argument, checkArguments, refuse } from './check-arguments.ts'
import { classifyFailure, type ErrorRule } from './classify-failure.ts'
import type { QuotaFile } from './connector-file.ts'
import type { Connection, Method, MethodInput, MethodOutcome, UpstreamRequest, UpstreamResponse } from './contract.ts'
import { describeFailure } from './describe-failure.ts'
import type { Expression } from './expression.ts'
import type { IdTest } from './id-shape.ts'
import { isCursor, type PageWindow, pageWindow } from './page-window.ts'
import { readQuotas } from './read-quotas.ts'
import { readSuccess, type SuccessReader } from './read-success.ts'

/** Everything a method is made of, resolved and compiled. */
export interface MethodDefinition {
  readonly facts: Omit<Method, 'prepare' | 'read' | 'forAccount'>
  readonly label: string
  /** What the method does, in words: `update the contact`. */
  readonly action: string
  readonly arguments: readonly Argument[]
  /** The caller's name of a field that is written, to the system's. */
  readonly sets: ReadonlyMap<string, string>
  /** Arguments whose values are a picklist of the account, and the system's name of the field. */
  readonly picklists: ReadonlyMap<string, string>
  readonly fieldNames: ReadonlyMap<string, string>
  /** Makes the condition of one custom field filter; absent when the method takes none. */
  readonly customFieldFilter?: Expression
  /** Arguments that filter by one of the account's custom fields, once they are known. */
  readonly customFieldFilters: ReadonlyMap<string, Pick<AccountField, 'name' | 'type'>>
  readonly needsId: boolean
  readonly isId: IdTest
  /** What tells two ids apart. */
  readonly idKey: (id: string) => string
  readonly isKey?: IdTest
  readonly request: RequestTemplate
  readonly reader: SuccessReader
  readonly errors: readonly ErrorRule[]
  readonly quota: QuotaFile
}

/** Builds a method that is immutable and holds no state between calls. */
export function buildMethod(parts: MethodDefinition): Method {
  return {
    ...parts.facts,
    prepare: (input, connection) => prepare(parts, input, connection),
    read: (response, input) => read(parts, response, input),
    forAccount: (fields) => buildMethod(applyAccountFields(parts, fields)),
  }
}

function distinct({ idKey }: MethodDefinition, ids: readonly string[]): readonly string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}

function windowOf({ facts, reader }: MethodDefinition, input: MethodInput): PageWindow {
  // Whoever counts or reads by id takes as much at once as the system gives.
  const whole = facts.kind === 'aggregate' || facts.kind === 'get_many'
  const wanted = whole ? facts.maxLimit : Math.trunc(input.limit ?? facts.defaultLimit)
  const limit = Math.min(facts.maxLimit, Math.max(1, wanted || facts.defaultLimit))
  return reader.pagination ? pageWindow(reader.pagination, limit, input.cursor) : { limit, fetch: limit }
}

function written(parts: MethodDefinition, args: MethodInput['args']): Record<string, string | number | boolean> {
  const set: Record<string, string | number | boolean> = {}
  for (const [name, to] of parts.sets) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined
    if (value !== undefined) set[to] = value
  }
  return set
}

function bindingsOf(parts: MethodDefinition, input: MethodInput, args: MethodInput['args'], window: PageWindow) {
  const ids = input.ids && distinct(parts, input.ids)
  return { kind: parts.facts.kind, id: input.id, ids, set: written(parts, args), input: args, ...window }
}

/** @throws TypeError for a condition that the connector cannot word: a filter that is left out would find too much. */
function customFieldConditions(
  { customFieldFilter, customFieldFilters }: MethodDefinition,
  args: MethodInput['args'],
): Promise<readonly unknown[]> {
  const given = [...customFieldFilters].filter(([argument]) => args[argument] !== undefined)
  return Promise.all(
    given.map(async ([argument, { name, type }]) => {
      const condition = await customFieldFilter?.({ name, type, value: args[argument] })
      if (condition === undefined) throw new TypeError(`Cannot filter by ${name}: the connector words no condition`)
      return condition
    }),
  )
}

function checkIds({ action, facts, isId }: MethodDefinition, ids: readonly string[] | undefined): void {
  const advice = `Give 1 to ${facts.maxLimit} ids of ${facts.resource} records.`
  if (!ids || ids.length === 0) refuse(action, 'ids is missing', advice)
  if (ids.length > facts.maxLimit) refuse(action, `ids has more than ${facts.maxLimit} entries`, advice)
  if (!ids.every(isId)) refuse(action, `ids holds something that is not the id of a ${facts.resource}`, advice)
}

function unanswered(
  parts: MethodDefinition,
  ids: readonly string[],
  records: readonly CanonicalRecord[],
): readonly string[] {
  const found = new Set(records.map(({ id }) => parts.idKey(String(id))))
  return distinct(parts, ids).filter((id) => !found.has(parts.idKey(id)))
}

async function prepare(parts: MethodDefinition, input: MethodInput, connection: Connection): Promise<UpstreamRequest> {
  const { action, reader, facts } = parts
  const args = checkArguments(parts.arguments, input.args, action)
  if (parts.needsId && (input.id === undefined || !parts.isId(input.id))) {
    refuse(
      action,
      `this is not the id of a ${facts.resource}`,
      `Search or list to find the id of the ${facts.resource}.`,
    )
  }
  if (facts.kind === 'get_many') checkIds(parts, input.ids)
  if (facts.kind === 'update' && parts.sets.size > 0 && Object.keys(written(parts, args)).length === 0) {
    refuse(action, 'no field to change is given', 'Give at least one field.')
  }
  const { cursor } = input
  if (cursor !== undefined && !(reader.pagination && isCursor(reader.pagination, cursor, parts.isKey))) {
    throw new FailureError(
      fail(
        'invalid_cursor',
        `Cannot ${action}: this is not a cursor of this tool.`,
        'Start again without next_cursor.',
      ),
    )
  }
  const bindings = {
    ...bindingsOf(parts, input, args, windowOf(parts, input)),
    custom: connection.customFields ?? [],
    hidden: input.hidden ?? [],
    moment: connection.now === undefined ? undefined : new Date(connection.now).toISOString(),
  }
  const query = reader.pagination?.kind === 'link' ? cursor : undefined
  try {
    return await buildRequest(parts.request, {
      base: connection.base,
      args,
      bindings: { ...bindings, own: await customFieldConditions(parts, args) },
      ...(parts.needsId && input.id !== undefined ? { id: input.id } : {}),
      ...(query === undefined ? {} : { query }),
    })
  } catch (cause) {
    const because = `Cannot ${action}: a value cannot be sent to ${parts.label}.`
    throw new FailureError(fail('invalid_arguments', because, 'Check the arguments, then call again.'), { cause })
  }
}

async function read(parts: MethodDefinition, response: UpstreamResponse, input: MethodInput): Promise<MethodOutcome> {
  const { action, label, facts, needsId: hasId, isId, fieldNames } = parts
  const call = {
    action,
    label,
    resource: facts.resource,
    scopes: facts.scopes,
    writes: !isRead(facts.kind),
    hasId,
    isId,
    fieldNames,
  }
  if (response.status < 200 || response.status > 299) {
    return classifyFailure(parts.errors, parts.quota, response, call)
  }
  const bindings = bindingsOf(parts, input, input.args, windowOf(parts, input))
  const result = await readSuccess(parts.reader, response, bindings, bindings)
  const quotas = readQuotas(parts.quota, response.headers)
  if (result.ok) {
    const missing = input.ids === undefined ? [] : unanswered(parts, input.ids, result.records)
    return { ...result, ...(missing.length > 0 ? { missing } : {}), quotas }
  }
  const code = result.because === 'absent' ? 'not_found' : 'upstream_invalid'
  const failure: Failure = describeFailure({ ...call, code })
  return { ok: false, failure, quotas }
}
