/**
 * @module
 * A checked connector file and its documentation records become a connector; every expression is compiled here, once.
 */
import {
  type MethodKind,
  methodKinds,
  type PiiClass,
  piiClasses,
  type RecordName,
  records,
  summarySources,
} from '@quartermaster/protocol'
import { fieldSources } from './account-fields.ts'
import { buildAuth } from './build-auth.ts'
import { buildMethod } from './build-method.ts'
import { buildQuotas } from './build-quotas.ts'
import { filtersByCustomFields } from './check-references.ts'
import type { ErrorRule } from './classify-failure.ts'
import type { ArgumentFile, ConnectorFile, MethodFile, ResourceFile } from './connector-file.ts'
import { ConnectorInvalid, type Fault } from './connector-invalid.ts'
import type { Collecting, Connector, InputField, Method, Narrowing, ToolDocs } from './contract.ts'
import { type ExpressionCompiler, expressionCompiler } from './expression-compiler.ts'
import { foldGroups } from './fold-groups.ts'
import { idKey, idTest } from './id-shape.ts'
import { readsOf } from './reads-of.ts'
import type { ToolRecord } from './tool-docs.ts'
import { toolName } from './tool-name.ts'

/** Documentation records by `<resource>.<method>`. */
export type ToolRecords = ReadonlyMap<string, ToolRecord>

const requestNames = [
  'kind',
  'id',
  'ids',
  'set',
  'input',
  'limit',
  'fetch',
  'cursor',
  'custom',
  'own',
  'hidden',
  'moment',
]
const mapNames = ['kind', 'input']
const responseNames = ['kind', 'id', 'set', 'input', 'limit']

/** @throws ConnectorInvalid with every fault of the expressions and of the records. */
export function buildConnector(file: ConnectorFile, docs: ToolRecords): Connector {
  const compiler = expressionCompiler(file.lists)
  const faults: Fault[] = []
  const auth = buildAuth(file.auth, compiler)
  const quotas = buildQuotas(file.quota)
  const errors = file.errors.map((rule, index) => compileRule(compiler, rule, index))
  const sources = fieldSources(file, compiler)
  const customFieldFilter = compiler.maybe('account_fields.filter', file.account_fields?.filter, [])
  const methods = Object.entries(file.resources).flatMap(([resource, entry]) => {
    const at = `resources.${resource}`
    const resourceMap = compiler.map(`${at}.map`, entry.map, entry.record, mapNames)
    const source = sources.get(resource)
    return Object.entries(entry.methods).map(([name, method]): Method => {
      const here = `${at}.methods.${name}`
      const doc = docs.get(`${resource}.${name}`)
      const kind = kindOf(name, method)
      const fields = fieldsOf(entry, method)
      const picklists = picklistsOf(entry, fields)
      const namesCustomFields = [method.request.query, method.request.body].some(
        (text) => text?.includes('$custom') === true,
      )
      const takesCustomFieldFilters = customFieldFilter !== undefined && filtersByCustomFields(method)
      const { request, response } = method
      const pagination = method.pagination ?? (kind === 'get_many' ? { kind: 'none' as const } : undefined)
      const record = method.record ?? entry.record
      const map = method.map === undefined ? resourceMap : compiler.map(`${here}.map`, method.map, record, mapNames)
      faults.push(...undescribed(`docs/${resource}.${name}.md`, fields, doc))
      const id = file.ids[entry.id]
      const key = pagination?.kind === 'keyset' ? file.ids[pagination.of] : undefined
      return buildMethod({
        facts: {
          system: file.id,
          resource,
          kind,
          name,
          tags: [...new Set([...entry.tags, ...method.tags])],
          scopes: method.scopes,
          record,
          ...(doc ? { tool: toolOf(file, resource, entry, name, kind, doc) } : {}),
          input: fields.map(([field, argument]) =>
            inputField(field, argument, doc, {
              reads: readsOf(field, argument, records[entry.record].classes),
              ...(field === 'group_by' ? { grouped: record } : {}),
            }),
          ),
          maxLimit: method.max_limit ?? file.api.page.max,
          defaultLimit: Math.min(file.api.page.default, method.max_limit ?? file.api.page.max),
          ...(kind === 'aggregate' ? { collect: collecting(method.collect?.requests ?? 1) } : {}),
          ...(source && namesCustomFields ? { discover: source } : {}),
          ...(source && (method.sets.length > 0 || picklists.size > 0) ? { accountSchema: source } : {}),
          ...(source && takesCustomFieldFilters ? { filtersCustomFields: source } : {}),
        },
        label: file.label,
        action: actionOf(kind, name, resource, entry.plural),
        arguments: fields.map(([field, argument]) => {
          const shape = argument.of === undefined ? undefined : file.ids[argument.of]
          return { name: field, file: argument, ...(shape ? { isId: idTest(shape) } : {}) }
        }),
        sets: new Map(method.sets.map((field) => [field, entry.fields[field]?.to ?? field])),
        fieldNames: new Map(Object.entries(entry.fields).map(([field, { to }]) => [to, field])),
        picklists,
        ...(takesCustomFieldFilters ? { customFieldFilter } : {}),
        customFieldFilters: new Map(),
        needsId: kind === 'get' || kind === 'update' || kind === 'delete' || request.path.includes('{id}'),
        isId: id ? idTest(id) : () => false,
        idKey: id ? idKey(id) : (text) => text,
        ...(key ? { isKey: idTest(key) } : {}),
        request: {
          method: request.method,
          path: `${file.api.prefix}${request.path}`,
          headers: { ...file.api.headers, ...request.headers },
          ...optional('query', compiler.maybe(`${here}.request.query`, request.query, requestNames)),
          ...optional('body', compiler.maybe(`${here}.request.body`, request.body, requestNames)),
        },
        reader: {
          kind,
          record,
          map,
          ...optional('records', compiler.maybe(`${here}.response.records`, response.records, responseNames)),
          ...optional('cursor', compiler.maybe(`${here}.response.cursor`, response.cursor, responseNames)),
          ...optional('total', compiler.maybe(`${here}.response.total`, response.total, responseNames)),
          ...(pagination ? { pagination } : {}),
        },
        errors,
        quota: file.quota,
      })
    })
  })
  faults.push(...compiler.faults, ...orphans(file, docs), ...repeated(methods))
  if (faults.length > 0) throw new ConnectorInvalid(file.id, faults)
  return Object.freeze({ id: file.id, label: file.label, auth, api: apiOf(file), quotas, methods })
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}

function kindOf(name: string, method: MethodFile): MethodKind {
  return method.kind ?? methodKinds.find((kind) => kind === name) ?? 'custom'
}

/** What is written comes first, then options and filters. */
function fieldsOf(resource: ResourceFile, method: MethodFile): [string, ArgumentFile][] {
  const sets = method.sets.flatMap((name): [string, ArgumentFile][] => {
    const field = resource.fields[name]
    return field ? [[name, { ...field, required: method.requires.includes(name), filters: [], narrows: {} }]] : []
  })
  const groups: [string, ArgumentFile][] = method.by
    ? [['group_by', { type: 'string', enum: method.by, required: true, filters: [], narrows: {}, max_length: 48 }]]
    : []
  return [...sets, ...groups, ...Object.entries(method.input)]
}

/** An argument is a picklist when the resource's field of its name is one. */
function picklistsOf(resource: ResourceFile, fields: readonly [string, ArgumentFile][]): ReadonlyMap<string, string> {
  return new Map(
    fields.flatMap(([name]) => {
      const field = Object.hasOwn(resource.fields, name) ? resource.fields[name] : undefined
      return field?.picklist ? [[name, field.to] as const] : []
    }),
  )
}

/** @param of What it reads; `grouped` is the record whose fields the values of the argument name. */
function inputField(
  name: string,
  argument: ArgumentFile,
  doc: ToolRecord | undefined,
  { reads, grouped }: { readonly reads: readonly string[] | undefined; readonly grouped?: RecordName },
): InputField {
  const plain = argument.type === 'date' || argument.type === 'id' ? 'string' : argument.type
  return {
    name,
    type: plain,
    ...(argument.enum ? { enum: argument.enum } : {}),
    required: argument.required,
    description: doc?.input[name] ?? '',
    filters: argument.filters,
    ...(reads ? { reads } : {}),
    ...narrowingsOf(argument),
    ...(grouped === undefined ? {} : valuesOf(grouped, argument.enum ?? [])),
  }
}

function narrowingsOf({ narrows }: ArgumentFile): Pick<InputField, 'narrows'> {
  const parts = piiClasses.flatMap((part): Narrowing[] => {
    const reads = narrows[part]
    return reads ? [{ part, filters: [part], reads }] : []
  })
  return parts.length > 0 ? { narrows: parts } : {}
}

function valuesOf(record: RecordName, fields: readonly string[]): Pick<InputField, 'valueFilters' | 'valueReads'> {
  const { classes } = records[record]
  const classOf = (field: string) => (classes as { readonly [name: string]: unknown })[field]
  return {
    valueFilters: Object.fromEntries(fields.map((field) => [field, [classOf(field) as PiiClass]])),
    valueReads: Object.fromEntries(fields.map((field) => [field, summarySources[record]?.[field] ?? field])),
  }
}

function collecting(requests: number): Collecting {
  return { requests, fold: foldGroups }
}

function toolOf(
  file: ConnectorFile,
  resource: string,
  entry: ResourceFile,
  method: string,
  kind: MethodKind,
  doc: ToolRecord,
): ToolDocs {
  const name = doc.tool ?? toolName({ kind, method, prefix: file.tool_prefix, resource, plural: entry.plural })
  return { name, title: doc.title, description: doc.description }
}

function actionOf(kind: MethodKind, name: string, resource: string, plural: string): string {
  const words = (snake: string) => snake.replaceAll('_', ' ')
  if (kind === 'get_many') return `get ${words(plural)}`
  if (kind === 'aggregate') return `summarize ${words(plural)}`
  if (kind === 'list' || kind === 'search') return `${kind} ${words(plural)}`
  if (kind === 'create') return `create the ${words(resource)}`
  return `${words(name)} the ${words(resource)}`
}

function compileRule(compiler: ExpressionCompiler, file: ConnectorFile['errors'][number], index: number): ErrorRule {
  const at = (key: string) => `errors.${index}.${key}`
  const compile = (key: 'when' | 'fields' | 'existing_id') => compiler.maybe(at(key), file[key], ['status'])
  const wait = file.retry_after_s
  const policy = file.policy
  // A policy is a name or an expression; a name alone would be a path expression, so it is quoted.
  const policySource = policy !== undefined && /^[a-z0-9-]+$/.test(policy) ? JSON.stringify(policy) : policy
  const waitSource = typeof wait === 'number' ? String(wait) : wait
  return {
    file,
    ...optional('when', compile('when')),
    ...optional('fields', compile('fields')),
    ...optional('existingId', compile('existing_id')),
    ...optional('policy', compiler.maybe(at('policy'), policySource, ['status'])),
    ...optional('retryAfterS', compiler.maybe(at('retry_after_s'), waitSource, ['status'])),
  }
}

function undescribed(path: string, fields: readonly [string, unknown][], doc: ToolRecord | undefined): Fault[] {
  if (!doc) return []
  const names = fields.map(([name]) => name)
  const missing = names.filter((name) => !Object.hasOwn(doc.input, name))
  const extra = Object.keys(doc.input).filter((name) => !names.includes(name))
  return [
    ...missing.map((name) => ({ path, problem: `input "${name}" has no description` })),
    ...extra.map((name) => ({ path, problem: `input "${name}" is not an input of the method` })),
  ]
}

function orphans(file: ConnectorFile, docs: ToolRecords): Fault[] {
  const methods = new Set(
    Object.entries(file.resources).flatMap(([name, { methods }]) => Object.keys(methods).map((m) => `${name}.${m}`)),
  )
  const lost = [...docs.keys()].filter((key) => !methods.has(key))
  return lost.map((key) => ({ path: `docs/${key}.md`, problem: 'documents a method that does not exist' }))
}

function repeated(methods: readonly Method[]): Fault[] {
  const names = methods.flatMap((method) => (method.tool ? [method.tool.name] : []))
  const wrong = names.filter((name, index) => names.indexOf(name) !== index || !/^[a-z][a-z0-9_]{0,47}$/.test(name))
  return wrong.map((name) => ({ path: 'docs', problem: `tool name "${name}" is used twice or too long` }))
}

function apiOf({ api }: ConnectorFile): Connector['api'] {
  return { base: api.base, hosts: api.hosts }
}
