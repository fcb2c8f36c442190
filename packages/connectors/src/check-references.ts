/**
 * @module
 * What the format's schema cannot say: names in a connector file must refer to something in the same file.
 */
import { methodKinds, records } from '@quartermaster/protocol'
import type { ArgumentFile, ConnectorFile, MethodFile, QuotaFile, ResourceFile } from './connector-file.ts'
import type { Fault } from './connector-invalid.ts'
import { isLeaf, readsOf } from './reads-of.ts'

/** Our own count is forgotten when a store is new; an hour of it is little to be wrong about. */
const LONGEST_COUNTED_S = 3_600

const reserved = new Set(['id', 'ids', 'limit', 'next_cursor', 'cursor', 'constructor', 'prototype'])

/** Every dangling or contradictory reference in the file. */
export function checkReferences(file: ConnectorFile): Fault[] {
  const faults: Fault[] = []
  const say = (path: string, problem: string) => faults.push({ path, problem })
  const scopes = [...file.auth.scopes.required, ...file.auth.scopes.optional].map(({ scope }) => scope)
  const known = new Set(scopes)
  if (known.size < scopes.length) say('auth.scopes', 'a scope stands twice')
  const place = /^\{(.*)\}$/.exec(file.auth.identity?.url ?? '')?.[1]
  if (place !== undefined && !file.auth.keep.includes(place)) say('auth.identity.url', `"${place}" is not in auth.keep`)
  for (const [name, rule] of file.errors.entries()) {
    if (rule.policy !== undefined && /^[a-z-]+$/.test(rule.policy) && !file.quota.policies[rule.policy]) {
      say(`errors.${name}.policy`, `no policy "${rule.policy}" in quota.policies`)
    }
  }
  for (const [name, policy] of Object.entries(file.quota.policies)) checkPolicy(`quota.policies.${name}`, policy, say)
  for (const [name, resource] of Object.entries(file.resources)) {
    const at = `resources.${name}`
    if (!file.ids[resource.id]) say(`${at}.id`, `no id shape "${resource.id}" in ids`)
    if (resource.describe !== undefined && !file.account_fields) say(`${at}.describe`, 'needs account_fields')
    for (const [field, argument] of Object.entries(resource.fields)) {
      checkArgument(file, `${at}.fields.${field}`, field, argument, say)
      if (argument.picklist && resource.describe === undefined) {
        say(`${at}.fields.${field}.picklist`, 'needs describe: where the values of the account stand')
      }
    }
    for (const [methodName, method] of Object.entries(resource.methods)) {
      const here = `${at}.methods.${methodName}`
      for (const scope of method.scopes) if (!known.has(scope)) say(`${here}.scopes`, `scope "${scope}" is not in auth`)
      for (const [field, argument] of Object.entries(method.input)) {
        checkArgument(file, `${here}.input.${field}`, field, argument, say)
        checkReads(file, resource, field, argument, (problem) => say(`${here}.input.${field}`, problem))
      }
      checkMethod(file, resource, methodName, method, (key, problem) => say(`${here}.${key}`, problem))
    }
  }
  return faults
}

type Say = (path: string, problem: string) => void

function checkPolicy(path: string, policy: QuotaFile['policies'][string], say: Say): void {
  const tells = policy.remaining !== undefined || policy.pair !== undefined
  if (policy.counted && policy.window_s === undefined) say(`${path}.counted`, 'needs window_s')
  if (policy.counted && (policy.window_s ?? 0) > LONGEST_COUNTED_S) {
    say(`${path}.counted`, `goes with windows of at most ${LONGEST_COUNTED_S} s; longer ones are the system's to count`)
  }
  if (policy.low_wait_s !== undefined && policy.counted) say(`${path}.low_wait_s`, 'does not go with counted')
  if (policy.low_wait_s !== undefined && !tells) say(`${path}.low_wait_s`, 'needs remaining or pair')
  if (policy.only !== undefined && policy.except !== undefined) say(`${path}.except`, 'does not go with only')
}

function checkArgument(
  file: ConnectorFile,
  path: string,
  name: string,
  argument: Pick<ArgumentFile, 'type' | 'of' | 'enum'>,
  say: Say,
): void {
  if (reserved.has(name)) say(path, 'this name is reserved')
  if ((argument.type === 'id') !== (argument.of !== undefined)) say(path, '"of" goes with type id, and only with it')
  if (argument.of !== undefined && !file.ids[argument.of]) say(path, `no id shape "${argument.of}" in ids`)
  if (argument.enum && argument.type !== 'string') say(path, 'only strings can have an enum')
}

/** Who may ask depends on what is read, so no filter may leave that open. */
function checkReads(
  file: ConnectorFile,
  resource: ResourceFile,
  name: string,
  argument: ArgumentFile,
  say: (problem: string) => void,
): void {
  const reads = readsOf(name, argument, records[resource.record].classes)
  if (argument.filters.length > 0 && !reads) say('filters: "reads" must say which fields of the record')
  for (const path of [...(reads ?? []), ...Object.values(argument.narrows).flat()]) {
    const [other, inner] = path.split(':')
    const of = inner === undefined ? resource : file.resources[other ?? '']
    if (!of || !isLeaf(records[of.record].classes, inner ?? path)) say(`reads: there is no field "${path}"`)
  }
}

function checkMethod(file: ConnectorFile, resource: ResourceFile, name: string, method: MethodFile, say: Say): void {
  const kind = method.kind ?? name
  const paged = kind === 'list' || kind === 'search' || kind === 'aggregate'
  const known: readonly string[] = methodKinds
  if (!method.kind && (name === 'custom' || !known.includes(name))) {
    say('kind', 'is required when the name is not a kind')
  }
  if (paged !== (method.pagination !== undefined))
    say('pagination', 'goes with list, search and aggregate, and only with them')
  if (paged && method.response.records === undefined)
    say('response.records', 'is required for list, search and aggregate')
  if ((kind === 'aggregate') !== (method.by !== undefined)) say('by', 'goes with aggregate, and only with it')
  if ((method.record === undefined) !== (method.map === undefined)) say('map', 'goes with record, and record with map')
  const classes: { readonly [field: string]: unknown } = records[method.record ?? resource.record].classes
  for (const field of method.by ?? []) {
    if (typeof classes[field] !== 'string') say('by', `"${field}" is no plain field of the record`)
  }
  if (method.input['group_by']) say('input', '"group_by" follows from "by"')
  if (method.collect && (kind !== 'aggregate' || method.pagination?.kind !== 'cursor')) {
    say('collect', 'goes with an aggregate that has a cursor, and only with one')
  }
  const keyset = method.pagination?.kind === 'keyset' ? method.pagination : undefined
  if (keyset && !file.ids[keyset.of]) say('pagination.of', `no id shape "${keyset.of}" in ids`)
  for (const field of method.sets) if (!resource.fields[field]) say('sets', `no field "${field}" in the resource`)
  for (const field of method.requires) if (!method.sets.includes(field)) say('requires', `"${field}" is not in sets`)
  for (const field of method.sets) if (method.input[field]) say('sets', `"${field}" is in input as well`)
  for (const [, placeholder] of method.request.path.matchAll(/\{([^}]*)\}/g)) {
    const required = placeholder !== undefined && method.input[placeholder]?.required === true
    if (placeholder === 'id' ? paged || kind === 'create' : !required) {
      say('request.path', `{${placeholder}} is neither the record's id nor a required input`)
    }
  }
  if (filtersByCustomFields(method)) {
    if (kind !== 'search') say('request', '"$own" goes with search, and only with it')
    if (!file.account_fields?.filter) say('request', '"$own" needs account_fields.filter')
    if (resource.describe === undefined) say('request', '"$own" needs describe: where the own fields stand')
  }
  const withBody = method.request.body !== undefined
  if (withBody && ['GET', 'DELETE'].includes(method.request.method))
    say('request.body', 'goes with POST, PATCH and PUT')
}

/** Whether the request has a place for conditions on the account's custom fields. */
export function filtersByCustomFields({ request }: MethodFile): boolean {
  return [request.query, request.body].some((text) => text !== undefined && /\$own\b/.test(text))
}
