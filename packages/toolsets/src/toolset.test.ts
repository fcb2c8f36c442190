import { mcpServerConfig, TOOL_META } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roles } from './roles.ts'
import { toolset } from './toolset.ts'

const kinds = ['list', 'get', 'search', 'create', 'update', 'delete', 'custom'] as const
const resources = {
  contact: ['crm', 'contacts'],
  account: ['crm', 'accounts', 'companies'],
  opportunity: ['crm', 'opportunities', 'deals'],
  pipeline: ['crm', 'pipelines'],
  user: ['crm', 'users', 'owners', 'directory'],
} as const
type Resource = keyof typeof resources

function tool(kind: (typeof kinds)[number], resource: Resource, tags: readonly string[] = resources[resource]) {
  const name = {
    list: `list_all_acme_${resource}s`,
    get: `get_single_acme_${resource}_by_id`,
    search: `search_acme_${resource}s`,
    create: `create_a_acme_${resource}`,
    update: `update_a_acme_${resource}_by_id`,
    delete: `delete_a_acme_${resource}_by_id`,
    custom: `merge_acme_${resource}s`,
  }[kind]
  return { name, _meta: { [TOOL_META]: { system: 'acme', resource, kind, tags } } }
}

const allowed = (role: { allows: (t: ReturnType<typeof tool>) => boolean }) =>
  (Object.keys(resources) as Resource[]).flatMap((resource) =>
    kinds.filter((kind) => role.allows(tool(kind, resource))).map((kind) => `${kind} ${resource}`),
  )

test('roles.sales works contacts, accounts and deals, and deletes nothing', () => {
  const work = ['list', 'get', 'search', 'create', 'update']
  const on = ['contact', 'account', 'opportunity']
  expect(allowed(roles.sales)).toEqual(on.flatMap((resource) => work.map((kind) => `${kind} ${resource}`)))
  expect(roles.sales.spec.pii).toBe('full')
})

test('roles.support reads contacts, never writes them, and sees them masked', () => {
  expect(allowed(roles.support)).toEqual([
    'list contact',
    'get contact',
    'search contact',
    'list account',
    'get account',
    'search account',
    'create account',
    'update account',
  ])
  expect(roles.support.spec.pii).toBe('mask')
})

test('roles.analytics reads deals, pipelines and owners, and no personal data', () => {
  const read = ['list', 'get', 'search']
  const on = ['opportunity', 'pipeline', 'user']
  expect(allowed(roles.analytics)).toEqual(on.flatMap((resource) => read.map((kind) => `${kind} ${resource}`)))
  expect(roles.analytics.spec.pii).toBe('strip')
})

test('allows() refuses a tool that does not say what it is', () => {
  const all = toolset('all').methods('read', 'write', 'custom')
  expect(all.allows(tool('list', 'contact'))).toBe(true)
  expect(all.allows({ name: 'list_all_acme_contacts' })).toBe(false)
  expect(all.allows({ name: 'x', _meta: { [TOOL_META]: { kind: 'list' } } })).toBe(false)
  expect(
    all.allows({ name: 'x', _meta: { [TOOL_META]: { system: 's', resource: 'r', kind: 'drop', tags: [] } } }),
  ).toBe(false)
})

test('toolset() never changes: each method makes a new one', () => {
  const base = toolset('base')
  const narrow = base
    .methods('list')
    .tags('deals')
    .only('list_*')
    .without('*_secret')
    .without('*_old')
    .pii('mask')
    .maxTools(3)
  expect(base.spec).toEqual({})
  expect(narrow.spec).toEqual({
    methods: ['list'],
    tags: ['deals'],
    only: ['list_*'],
    without: ['*_secret', '*_old'],
    pii: 'mask',
  })
  expect(narrow.limit).toBe(3)
  expect(narrow.tags('contacts').spec.tags).toEqual(['contacts'])
  expect(() => Object.assign(narrow.spec, { pii: 'full' })).toThrow(TypeError)
})

test('toolset() reads only until it is told otherwise', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), (kind) => {
      expect(toolset('x').allows(tool(kind, 'contact'))).toBe(['list', 'get', 'search'].includes(kind))
    }),
  )
})

test('spec is what the server accepts', () => {
  for (const role of Object.values(roles)) expect(mcpServerConfig.safeParse(role.spec).success).toBe(true)
})

test('toolset() says what is wrong with a pattern, a method or a limit', () => {
  expect(() => toolset('x').only('list; drop')).toThrow(/^Cannot build toolset "x": only\.0/)
  expect(() => toolset('x').methods()).toThrow('Cannot build toolset "x": methods')
  expect(() => toolset('x').maxTools(0)).toThrow(RangeError)
})
