/**
 * @module
 * Puts a method together: `prepare` turns canonical input into a request, `read` an answer into an outcome.
 */
import { type CanonicalRecord, type Failure, FailureError, fail, isRead } from '@quartermaster/protocol'
import { applyAccountFields } from './apply-account-fields.ts'
import { buildRequest } from './build-request.ts'
import { checkArguments, refuse } from './check-arguments.ts'
import { classifyFailure } from './classify-failure.ts'
import type { Connection, Method, MethodInput, MethodOutcome, UpstreamRequest, UpstreamResponse } from './contract.ts'
import { describeFailure } from './describe-failure.ts'
import type { MethodDefinition } from './method-definition.ts'
import { isCursor, type PageWindow, pageWindow } from './page-window.ts'
import { readQuotas } from './read-quotas.ts'
import { readSuccess } from './read-success.ts'

/** Builds a method that is immutable and holds no state between calls. */
export function buildMethod(definition: MethodDefinition): Method {
  return {
    ...definition.facts,
    prepare: (input, connection) => prepare(definition, input, connection),
    read: (response, input) => read(definition, response, input),
    forAccount: (fields) => buildMethod(applyAccountFields(definition, fields)),
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

function written(definition: MethodDefinition, args: MethodInput['args']): Record<string, string | number | boolean> {
  const set: Record<string, string | number | boolean> = {}
  for (const [name, to] of definition.sets) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined
    if (value !== undefined) set[to] = value
  }
  return set
}

function bindingsOf(definition: MethodDefinition, input: MethodInput, args: MethodInput['args'], window: PageWindow) {
  const ids = input.ids && distinct(definition, input.ids)
  return { kind: definition.facts.kind, id: input.id, ids, set: written(definition, args), input: args, ...window }
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
  definition: MethodDefinition,
  ids: readonly string[],
  records: readonly CanonicalRecord[],
): readonly string[] {
  const found = new Set(records.map(({ id }) => definition.idKey(String(id))))
  return distinct(definition, ids).filter((id) => !found.has(definition.idKey(id)))
}

async function prepare(
  definition: MethodDefinition,
  input: MethodInput,
  connection: Connection,
): Promise<UpstreamRequest> {
  const { action, reader, facts } = definition
  const args = checkArguments(definition.arguments, input.args, action)
  if (definition.needsId && (input.id === undefined || !definition.isId(input.id))) {
    refuse(
      action,
      `this is not the id of a ${facts.resource}`,
      `Search or list to find the id of the ${facts.resource}.`,
    )
  }
  if (facts.kind === 'get_many') checkIds(definition, input.ids)
  if (facts.kind === 'update' && definition.sets.size > 0 && Object.keys(written(definition, args)).length === 0) {
    refuse(action, 'no field to change is given', 'Give at least one field.')
  }
  const { cursor } = input
  if (cursor !== undefined && !(reader.pagination && isCursor(reader.pagination, cursor, definition.isKey))) {
    throw new FailureError(
      fail(
        'invalid_cursor',
        `Cannot ${action}: this is not a cursor of this tool.`,
        'Start again without next_cursor.',
      ),
    )
  }
  const bindings = {
    ...bindingsOf(definition, input, args, windowOf(definition, input)),
    custom: connection.customFields ?? [],
    hidden: input.hidden ?? [],
    moment: connection.now === undefined ? undefined : new Date(connection.now).toISOString(),
  }
  const query = reader.pagination?.kind === 'link' ? cursor : undefined
  try {
    return await buildRequest(definition.request, {
      base: connection.base,
      args,
      bindings: { ...bindings, own: await customFieldConditions(definition, args) },
      ...(definition.needsId && input.id !== undefined ? { id: input.id } : {}),
      ...(query === undefined ? {} : { query }),
    })
  } catch (cause) {
    const because = `Cannot ${action}: a value cannot be sent to ${definition.label}.`
    throw new FailureError(fail('invalid_arguments', because, 'Check the arguments, then call again.'), { cause })
  }
}

async function read(
  definition: MethodDefinition,
  response: UpstreamResponse,
  input: MethodInput,
): Promise<MethodOutcome> {
  const { action, label, facts, needsId: hasId, isId, fieldNames } = definition
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
    return classifyFailure(definition.errors, definition.quota, response, call)
  }
  const bindings = bindingsOf(definition, input, input.args, windowOf(definition, input))
  const result = await readSuccess(definition.reader, response, bindings, bindings)
  const quotas = readQuotas(definition.quota, response.headers)
  if (result.ok) {
    const missing = input.ids === undefined ? [] : unanswered(definition, input.ids, result.records)
    return { ...result, ...(missing.length > 0 ? { missing } : {}), quotas }
  }
  const code = result.because === 'absent' ? 'not_found' : 'upstream_invalid'
  const failure: Failure = describeFailure({ ...call, code })
  return { ok: false, failure, quotas }
}
