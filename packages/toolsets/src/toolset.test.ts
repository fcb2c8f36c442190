import { isWritable, mcpServerConfig, policyNames, TOOL_META } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roles } from './roles.ts'
import { toolset } from './toolset.ts'
import { ToolsetRefused } from './toolset-refused.ts'

const kinds = ['list', 'get', 'get_many', 'search', 'aggregate', 'create', 'update', 'delete', 'custom'] as const
const reads = ['list', 'get', 'get_many', 'search', 'aggregate']
const plural = (word: string) => word.replace(/y$/, 'ie').concat('s')
const resources = {
  contact: ['crm', 'contacts'],
  account: ['crm', 'accounts', 'companies'],
  opportunity: ['crm', 'opportunities', 'deals'],
  pipeline: ['crm', 'pipelines'],
  stage: ['crm', 'pipelines', 'stages'],
  ticket: ['crm', 'tickets', 'support'],
  ticket_stage: ['crm', 'ticket_stages', 'support'],
  task: ['crm', 'tasks'],
  note: ['crm', 'notes'],
  user: ['crm', 'users', 'owners', 'directory'],
} as const
type Resource = keyof typeof resources

function tool(kind: (typeof kinds)[number], resource: Resource, tags: readonly string[] = resources[resource]) {
  const name = {
    list: `list_all_acme_${plural(resource)}`,
    get: `get_single_acme_${resource}_by_id`,
    get_many: `get_many_acme_${plural(resource)}`,
    search: `search_acme_${plural(resource)}`,
    aggregate: `summarize_acme_${plural(resource)}`,
    create: `create_an_acme_${resource}`,
    update: `update_an_acme_${resource}_by_id`,
    delete: `delete_an_acme_${resource}_by_id`,
    custom: `merge_acme_${resource}s`,
  }[kind]
  return { name, _meta: { [TOOL_META]: { system: 'acme', resource, kind, tags } } }
}

const allowed = (role: { allows: (t: ReturnType<typeof tool>) => boolean }) =>
  (Object.keys(resources) as Resource[]).flatMap((resource) =>
    kinds.filter((kind) => role.allows(tool(kind, resource))).map((kind) => `${kind} ${resource}`),
  )

test('roles.sales finds, reads and updates contacts, accounts and deals, logs notes and tasks, and deletes nothing', () => {
  expect(allowed(roles.sales)).toEqual([
    ...['contact', 'account', 'opportunity'].flatMap((on) =>
      ['get', 'search', 'update'].map((kind) => `${kind} ${on}`),
    ),
    'create task',
    'create note',
  ])
  expect(roles.sales.spec.pii).toBe('full')
})

test('roles.support works tickets, never writes contacts, and sees them masked', () => {
  expect(allowed(roles.support)).toEqual([
    'get contact',
    'search contact',
    'get account',
    'get ticket',
    'search ticket',
    'create ticket',
    'update ticket',
    'list ticket_stage',
    'search note',
    'create note',
  ])
  expect(roles.support.spec.pii).toBe('mask')
})

test('roles.analytics reads deals and their stages, and no personal data', () => {
  expect(allowed(roles.analytics)).toEqual([
    'list opportunity',
    'get opportunity',
    'search opportunity',
    'aggregate opportunity',
    'list pipeline',
    'list stage',
  ])
  expect(roles.analytics.spec.pii).toBe('strip')
})

test('a role that writes names the fields it writes, and writable() replaces them', () => {
  const writes = Object.values(roles).filter(({ spec }) => spec.methods?.some((one) => /write|create|update/.test(one)))
  expect(writes).toEqual([roles.sales, roles.support])
  for (const { spec } of writes) {
    expect(isWritable(spec, 'contact', 'custom_badge')).toBe(true)
    for (const field of ['email', 'last_name', 'owner_id']) expect(isWritable(spec, 'contact', field)).toBe(false)
    for (const of of ['opportunity', 'ticket', 'account']) expect(isWritable(spec, of, 'owner_id')).toBe(false)
  }
  expect(roles.sales.writable('contact.*').spec.writable).toEqual(['contact.*'])
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

test('resources() and maxTokens() are part of what the server is asked for, and the first is checked here again', () => {
  const deals = toolset('deals').resources('opportunity', 'stage').maxTokens(900, { over: 'trim' })
  expect(deals.spec).toEqual({ resources: ['opportunity', 'stage'], max_tokens: 900, over_budget: 'trim' })
  expect(deals.allows(tool('list', 'opportunity'))).toBe(true)
  expect(deals.allows(tool('list', 'contact'))).toBe(false)
  expect(() => deals.maxTokens(1)).toThrow(/^Cannot build toolset "deals": max_tokens: /)
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
    max_tools: 3,
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
      expect(toolset('x').allows(tool(kind, 'contact'))).toBe(reads.includes(kind))
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

const shown = (kind: (typeof kinds)[number], resource: Resource, pii?: unknown) => {
  const { name, _meta } = tool(kind, resource)
  return { name, _meta: { [TOOL_META]: { ..._meta[TOOL_META], pii } } }
}
const refusal = (run: () => unknown): ToolsetRefused => {
  try {
    run()
  } catch (error) {
    if (error instanceof ToolsetRefused) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('tools() keeps the tools of the toolset and leaves the others out', () => {
  const offered = [shown('list', 'contact', 'mask'), shown('delete', 'contact', 'mask'), { name: 'hello' }]
  expect(toolset('x').pii('mask').tools(offered)).toEqual([offered[0]])
})

test('tools() refuses every policy that shows more than its own, one that nobody knows, and silence', () => {
  const strictEnough = {
    full: ['full', 'mask', 'pseudonym', 'strip'],
    mask: ['mask', 'strip'],
    pseudonym: ['pseudonym'],
    strip: ['strip'],
  } as const
  for (const own of policyNames) {
    for (const theirs of [...policyNames, 'newest', 7, undefined]) {
      const role = toolset('x').pii(own)
      const offered = [shown('list', 'contact', theirs)]
      const isOpen = own === 'full' || (strictEnough[own] as readonly unknown[]).includes(theirs)
      // A tool that cannot be read at all is no tool of the toolset.
      if (theirs === 7) expect(role.allows(shown('list', 'contact', 7))).toBe(false)
      else if (isOpen) expect(role.tools(offered)).toEqual(offered)
      else
        expect(refusal(() => role.tools(offered))).toMatchObject({
          why: 'weaker_redaction',
          about: ['list_all_acme_contacts'],
          toolset: 'x',
        })
    }
  }
  expect(refusal(() => roles.analytics.tools([shown('search', 'opportunity', 'full')])).message).toBe(
    'Cannot equip the agent: toolset "analytics" asks for pii "strip", and 1 of its tools say full; issue the URL with this toolset',
  )
})

test('a tool that is left out anyway may show what it likes', () => {
  const offered = [shown('list', 'contact', 'strip'), shown('delete', 'contact', 'full')]
  expect(toolset('x').pii('strip').tools(offered)).toHaveLength(1)
})

test('tools() refuses a method that no tool has, too many tools, and none', () => {
  const offered = [shown('list', 'contact', 'full'), shown('list', 'account', 'full')]
  const merging = toolset('x').methods('list', 'merge')
  expect(refusal(() => merging.tools(offered))).toMatchObject({ why: 'unknown_methods', about: ['merge'] })
  const merge = {
    name: 'merge_acme_contacts',
    _meta: { [TOOL_META]: { ...offered[0]?._meta[TOOL_META], kind: 'custom', method: 'merge' } },
  }
  expect(merging.tools([...offered, merge])).toHaveLength(3)
  // A system that cannot search is no reason not to work on it.
  expect(toolset('x').methods('list', 'search').tools(offered)).toHaveLength(2)
  expect(refusal(() => toolset('x').maxTools(1).tools(offered))).toMatchObject({ why: 'too_many_tools' })
  expect(refusal(() => toolset('x').methods('get').tools(offered))).toMatchObject({ why: 'no_tools', about: [] })
})
