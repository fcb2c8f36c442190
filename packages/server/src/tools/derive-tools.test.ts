/** @module Derivation of a URL's tools. */
import type { Connector, InputField, Method } from '@quartermaster/connectors'
import { mcpServerConfig } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { sampleConnector, sampleField, sampleMethod } from '../../test/sample-tools.ts'
import { parseClassification } from '../policy/classification.ts'
import { connectorClassifier } from '../policy/classify-connector.ts'
import { deriveTools } from './derive-tools.ts'
import { lintToolSchema } from './lint-tool-schema.ts'

const docs = (name: string) => ({ name, title: name, description: `Does ${name}.` })

const methods: readonly Method[] = [
  sampleMethod({ tool: docs('list_contacts'), input: [sampleField('query', { filters: ['identity', 'contact'] })] }),
  sampleMethod({ kind: 'get', tool: docs('get_contact'), scopes: ['contacts.read'] }),
  sampleMethod({
    kind: 'search',
    tool: docs('search_contacts'),
    input: [sampleField('email', { required: true, filters: ['contact'] })],
  }),
  sampleMethod({ kind: 'create', tool: docs('create_contact'), scopes: ['contacts.write'] }),
  sampleMethod({ kind: 'update', tool: docs('update_contact') }),
  sampleMethod({ kind: 'delete', tool: docs('delete_contact') }),
  sampleMethod({ resource: 'stages', record: 'stage', tags: ['crm', 'pipeline'], tool: docs('list_stages') }),
  (({ tool: _, ...undocumented }) => undocumented)(sampleMethod({ kind: 'custom', name: 'merge' })),
  sampleMethod({ kind: 'custom', name: 'merge', tool: docs('merge_contacts') }),
]
const connector = sampleConnector(methods)

function names(config: unknown, scopes?: readonly string[]): readonly string[] {
  return deriveTools(connector, mcpServerConfig.parse(config), scopes).map(({ name }) => name)
}

const reads = ['list_contacts', 'get_contact', 'search_contacts', 'list_stages']

test('deriveTools() selects by method, tag, pattern and scope, in catalog order', () => {
  expect(names({})).toEqual(reads)
  expect(names({ methods: ['write'] })).toEqual(['create_contact', 'update_contact', 'delete_contact'])
  expect(names({ methods: ['merge', 'get'] })).toEqual(['get_contact', 'merge_contacts'])
  expect(names({ tags: ['pipeline'] })).toEqual(['list_stages'])
  expect(names({ only: ['*_contact*'], without: ['search_*'] })).toEqual(['list_contacts', 'get_contact'])
  expect(names({}, [])).toEqual(['list_contacts', 'search_contacts', 'list_stages'])
  expect(names({}, ['contacts.read'])).toEqual(reads)
})

test('deriveTools() gives no role a filter on what it may not see', () => {
  expect(names({ pii: 'strip' })).toEqual(['list_contacts', 'get_contact', 'list_stages'])
  const [list] = deriveTools(connector, mcpServerConfig.parse({ pii: 'strip' }), undefined)
  expect(Object.keys(list?.inputSchema.properties ?? {})).toEqual(['limit', 'next_cursor'])
  const [full] = deriveTools(connector, mcpServerConfig.parse({}), undefined)
  expect(Object.keys(full?.inputSchema.properties ?? {})).toEqual(['query', 'limit', 'next_cursor'])
})

test('deriveTools() keeps the first of two tools of one name', () => {
  const twice = sampleConnector([sampleMethod({ maxLimit: 1 }), sampleMethod({ maxLimit: 2 })])
  const tools = deriveTools(twice, mcpServerConfig.parse({}), undefined)
  expect(tools.map(({ method }) => method.maxLimit)).toEqual([1])
})

test('deriveTools() returns the same array for the same URL, and bounds what it remembers', () => {
  const derive = (only: string, scopes?: readonly string[]) =>
    deriveTools(connector, mcpServerConfig.parse({ only: [only], expires_in_s: 60 }), scopes)
  const first = derive('*')
  expect(deriveTools(connector, mcpServerConfig.parse({ only: ['*'] }), undefined)).toBe(first)
  expect(derive('*', ['b', 'a'])).toBe(derive('*', ['a', 'b']))
  expect(derive('*', ['a'])).not.toBe(first)
  for (let index = 0; index < 300; index++) derive(`x${index}`)
  expect(derive('*')).not.toBe(first)
  expect(derive('*')).toEqual(first)
})

test('deriveTools() announces what a tool does', () => {
  const tools = deriveTools(connector, mcpServerConfig.parse({ methods: ['read', 'write', 'custom'] }), undefined)
  const hints = tools.map(({ name, annotations: a }) => [name, a.readOnlyHint, a.destructiveHint, a.idempotentHint])
  expect(hints).toEqual([
    ...reads.slice(0, 3).map((name) => [name, true, false, true]),
    ['create_contact', false, false, false],
    ['update_contact', false, true, true],
    ['delete_contact', false, true, true],
    ['list_stages', true, false, true],
    ['merge_contacts', false, true, false],
  ])
  expect(tools.every(({ annotations }) => annotations.openWorldHint)).toBe(true)
  expect(tools.flatMap(lintToolSchema)).toEqual([])
})

test.each([
  ['contacts', 'update', 'The id of the contact to update. Required.'],
  ['companies', 'delete', 'The id of the company to delete. Required.'],
  ['call_logs', 'get', 'The id of the call log to get. Required.'],
  ['address', 'get', 'The id of the address to get. Required.'],
] as const)('deriveTools() words the id of %s to %s', (resource, kind, description) => {
  const one = sampleConnector([sampleMethod({ resource, kind })])
  const [tool] = deriveTools(one, mcpServerConfig.parse({ methods: ['read', 'write'] }), undefined)
  expect(tool?.inputSchema.properties['id']).toEqual({ type: 'string', description })
})

test('deriveTools() takes away the values of an argument that ask about what the policy hides, and the tool with the last', () => {
  const values = { stage_id: ['none'], contact: ['identity'] } as const
  const groupBy = (valueFilters: InputField['valueFilters'] = values) =>
    sampleField('group_by', { required: true, enum: Object.keys(valueFilters), valueFilters })
  const enumOf = (field: InputField, pii: 'full' | 'strip') => {
    const method = sampleMethod({ kind: 'aggregate', name: 'summarize', input: [field] })
    const [tool] = deriveTools(sampleConnector([method]), mcpServerConfig.parse({ pii }), undefined)
    return tool?.inputSchema.properties['group_by']?.enum
  }
  expect(enumOf(groupBy(), 'full')).toEqual(['stage_id', 'contact'])
  expect(enumOf(groupBy(), 'strip')).toEqual(['stage_id'])
  expect(enumOf(groupBy({ contact: ['identity'] }), 'strip')).toBeUndefined()
})

test('deriveTools() gives a batch read one required list of ids, and it lints', () => {
  const method = sampleMethod({ kind: 'get_many', name: 'get_many' })
  const [tool] = deriveTools(sampleConnector([method]), mcpServerConfig.parse({}), undefined)
  const ids = { type: 'array', items: { type: 'string' }, description: '1 to 100 ids' }
  expect(tool?.inputSchema).toEqual({ type: 'object', properties: { ids }, required: ['ids'] })
  expect(tool && lintToolSchema(tool)).toEqual([])
})

const customField = (name: string) =>
  sampleField(`custom_${name}`, { filters: ['unclassified'], customField: `${name}__c` })
const searchOwn = (...names: string[]) =>
  sampleConnector([
    sampleMethod({
      kind: 'search',
      tool: docs('search_contacts'),
      input: [sampleField('title'), ...names.map(customField)],
    }),
  ])

function customFieldFilters(
  connector: Connector,
  config: unknown,
  said = '',
  ancestorConfigs: readonly unknown[] = [],
) {
  const classification = parseClassification(
    `{ format: 1, tenants: { '*': { acme: { contact: { custom_fields: { ${said} } } } } } }`,
    new Map([[connector.id, connector]]),
  )
  const classified = connectorClassifier(() => classification)('ten_sample', connector)
  const configs = ancestorConfigs.map((one) => mcpServerConfig.parse(one))
  const [tool] = deriveTools(classified, mcpServerConfig.parse(config), undefined, configs)
  return Object.keys(tool?.inputSchema.properties ?? {}).filter((name) => name.startsWith('custom_'))
}

test('deriveTools() lets a role filter by the custom fields that it sees as they are, and by no other', () => {
  const connector = searchOwn('tier', 'mail', 'born')
  expect(customFieldFilters(connector, {})).toEqual(['custom_tier', 'custom_mail', 'custom_born'])
  const said = 'tier__c: none, mail__c: contact, born__c: { class: business, treatment: strip }'
  expect(customFieldFilters(connector, {}, said)).toEqual(['custom_tier', 'custom_mail'])
  for (const pii of ['mask', 'pseudonym', 'strip'] as const) {
    expect(customFieldFilters(connector, { pii })).toEqual([])
    expect(customFieldFilters(connector, { pii, resolve_pseudonyms: true }, said)).toEqual(['custom_tier'])
    expect(customFieldFilters(connector, {}, said, [{ pii }])).toEqual(['custom_tier'])
  }
})

test('deriveTools() offers twenty custom field filters, and below a URL none that it has not', () => {
  const names = Array.from({ length: 30 }, (_, nth) => `f${nth}`)
  const connector = searchOwn(...names)
  const first = names.slice(0, 20).map((name) => `custom_${name}`)
  expect(customFieldFilters(connector, {})).toEqual(first)
  const said = 'f3__c: none, f25__c: none'
  // On a URL of its own the role has both; below one that was offered the first twenty, one.
  expect(customFieldFilters(connector, { pii: 'strip' }, said)).toEqual(['custom_f3', 'custom_f25'])
  expect(customFieldFilters(connector, { pii: 'strip' }, said, [{}])).toEqual(['custom_f3'])
})
