/**
 * @module
 * The closed format of `connector.yaml`. Unknown keys are errors; what cannot be said here, a connector cannot do.
 */
import { failureCodes, methodKinds, piiClasses, records } from '@quartermaster/protocol'
import { z } from 'zod'
import { authFile, hostPattern, httpsUrl, scopeName } from './auth-file.ts'

type Names<T> = readonly [keyof T & string, ...(keyof T & string)[]]
const keysOf = <T extends object>(object: T) => Object.keys(object) as unknown as Names<T>

const word = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be snake_case, at most 48 characters')
const expression = z.string().min(1).max(8_000)
const headerName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be a header name in lower case')
const policyName = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, 'must be lower case letters, digits and hyphens')
const path = z.string().regex(/^(\/[A-Za-z0-9._~{}-]+)*$/, 'must start with / and hold only path characters')
const headers = z.record(headerName, z.string().regex(/^[\x20-\x7e]+$/))

const api = z.strictObject({
  base: z.union([httpsUrl, z.string().regex(/^\{[a-z_]+\}$/, 'must be an https URL or {member}')]),
  prefix: path.default(''),
  hosts: z.array(hostPattern).min(1),
  headers: headers.default({}),
  page: z.strictObject({ default: z.number().int().positive(), max: z.number().int().positive() }),
})

const pathEnd = z.string().regex(/^\/[A-Za-z0-9._~-]+$/, 'must be the last segment of a path, such as /search')
const fromHeader = z.strictObject({
  header: headerName,
  unit: z.enum(['seconds', 'milliseconds', 'epoch_seconds']).default('seconds'),
})
const quotaPolicy = z.strictObject({
  limit: fromHeader.optional(),
  remaining: fromHeader.optional(),
  reset: fromHeader.optional(),
  window: fromHeader.optional(),
  window_s: z.number().int().positive().optional(),
  /** A header of `;`-separated `key=used/limit` pairs. */
  pair: z.strictObject({ header: headerName, key: z.string().regex(/^[a-z][a-z0-9-]*$/) }).optional(),
  /** We count calls in a rolling window of `window_s`; the limit holds until an answer states another. */
  counted: z.strictObject({ limit: z.number().int().positive().max(1_000_000) }).optional(),
  /** We count nothing, but stop when little is left; seconds until we look again where the answer does not say. */
  low_wait_s: z.number().int().positive().max(86_400).optional(),
  /** The quota counts only requests whose path ends so, or only the others. */
  only: pathEnd.optional(),
  except: pathEnd.optional(),
})
const quota = z.strictObject({
  policies: z.record(policyName, quotaPolicy),
  retry_after: z.strictObject({ header: headerName }).optional(),
})

const errorRule = z.strictObject({
  status: z.array(z.number().int().min(300).max(599)).min(1),
  when: expression.optional(),
  code: z.enum(keysOf(failureCodes)),
  unauthorized: z.boolean().default(false),
  retry_after_s: z.union([z.number().nonnegative(), expression]).optional(),
  policy: z.union([policyName, expression]).optional(),
  fields: expression.optional(),
  existing_id: expression.optional(),
})

const idShape = z.strictObject({
  /** The inside of a character class. */
  chars: z.string().regex(/^[A-Za-z0-9_.~-]+$/),
  /** Every length that is allowed, or `{min, max}`. */
  length: z.union([
    z.array(z.number().int().min(1).max(200)).min(1),
    z.strictObject({ min: z.number().int().min(1), max: z.number().int().max(200) }),
  ]),
  /** How many characters from the start tell two ids apart; all of them unless told. */
  significant: z.number().int().positive().optional(),
})

const argument = z.strictObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'date', 'id']),
  /** For `id`: which of `ids`. */
  of: word.optional(),
  enum: z.array(z.string().min(1)).min(1).optional(),
  required: z.boolean().default(false),
  filters: z.array(z.enum(piiClasses)).default([]),
  /**
   * The fields that it filters by: dotted paths in the resource's record, `resource:path` for another resource. Absent
   * where the argument's name says it: `amount_min` reads `amount`, `owner_id` reads `owner.id`.
   */
  reads: z.array(z.string()).min(1).optional(),
  /** What a search covers as well, by class with the fields, and leaves out when `$hidden` names the class. */
  narrows: z.partialRecord(z.enum(piiClasses), z.array(z.string()).min(1)).default({}),
  max_length: z.number().int().min(1).max(65_536).default(255),
})
const writable = argument.omit({ required: true, filters: true, reads: true, narrows: true }).extend({
  to: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,99}$/),
  /** What it can be is a list that every account has its own of. */
  picklist: z.boolean().default(false),
})

const request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
  path,
  query: expression.optional(),
  headers: headers.default({}),
  body: expression.optional(),
})

const pagination = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('cursor') }),
  z.strictObject({ kind: z.literal('keyset'), key: z.string(), of: word }),
  z.strictObject({ kind: z.literal('offset') }),
  z.strictObject({ kind: z.literal('link') }),
])

const method = z.strictObject({
  kind: z.enum(methodKinds).optional(),
  /** Instead of the resource's own, for a method that answers with something else; `map` goes with it. */
  record: z.enum(keysOf(records)).optional(),
  map: expression.optional(),
  /** Aggregates: the fields of the record that can be grouped by; they are the values of the argument `group_by`. */
  by: z.array(word).min(1).optional(),
  /** How many answers of the system one call may gather, page after page. */
  collect: z.strictObject({ requests: z.number().int().min(2).max(20) }).optional(),
  tags: z.array(word).default([]),
  scopes: z.array(scopeName).default([]),
  input: z.record(word, argument).default({}),
  sets: z.array(word).default([]),
  requires: z.array(word).default([]),
  request,
  response: z
    .strictObject({ records: expression.optional(), cursor: expression.optional(), total: expression.optional() })
    .default({}),
  pagination: pagination.optional(),
  max_limit: z.number().int().positive().optional(),
})

const resource = z.strictObject({
  record: z.enum(keysOf(records)),
  plural: word,
  tags: z.array(word).min(1),
  id: word,
  fields: z.record(word, writable).default({}),
  /** Where the system describes the fields that an account has for this resource; read as `account_fields` says. */
  describe: path.optional(),
  map: expression,
  methods: z.record(word, method),
})

export const connectorFile = z.strictObject({
  format: z.literal(1),
  id: word,
  label: z.string().min(1).max(60),
  tool_prefix: word,
  auth: authFile,
  api,
  quota,
  errors: z.array(errorRule),
  ids: z.record(word, idShape),
  /** Named lists of words that expressions may use as `$name`. */
  lists: z.record(word, z.array(z.string()).min(1)).default({}),
  /**
   * How answers of `describe` are read: the list of fields, and what each of them says. `filter` makes the condition that
   * one of the account's custom fields has a value, of `{name, type, value}`; searches put what it gives in as `$own`.
   */
  account_fields: z.strictObject({ list: expression, each: expression, filter: expression.optional() }).optional(),
  resources: z.record(word, resource),
})

export type ConnectorFile = z.infer<typeof connectorFile>
export type ResourceFile = z.infer<typeof resource>
export type MethodFile = z.infer<typeof method>
export type ArgumentFile = z.infer<typeof argument>
export type ErrorRuleFile = z.infer<typeof errorRule>
export type IdShape = z.infer<typeof idShape>
export type Pagination = z.infer<typeof pagination>
export type QuotaFile = z.infer<typeof quota>
