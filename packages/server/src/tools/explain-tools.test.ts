/** @module Why a tool is absent, and that the explanation never disagrees with what is derived. */
import { type Connector, type InputField, loadCatalog } from '@quartermaster/connectors'
import { mcpServerConfig } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBudgetedInput } from '../../test/random-config.ts'
import { sampleAccess, sampleConnector, sampleField, sampleMethod } from '../../test/sample-tools.ts'
import { applySchemaToTools, type SchemaBinding } from './apply-schema-to-tools.ts'
import { deriveTools } from './derive-tools.ts'
import { explainTools } from './explain-tools.ts'
import { fitTools } from './fit-tools.ts'
import { offerTools } from './offer.ts'

const docs = (name: string) => ({ name, title: name, description: `Does ${name}.` })
const email = sampleField('email', { required: true, filters: ['contact'] })

const connector = sampleConnector([
  sampleMethod({ tool: docs('list_contacts') }),
  (({ tool: _, ...undocumented }) => undocumented)(sampleMethod({ kind: 'custom', name: 'merge' })),
  sampleMethod({ tool: docs('list_contacts'), name: 'again' }),
  sampleMethod({ kind: 'delete', tool: docs('delete_contact'), tags: ['danger'] }),
  sampleMethod({ kind: 'get', tool: docs('get_contact'), scopes: ['a.read', 'b.read'] }),
  sampleMethod({ kind: 'search', tool: docs('search_contacts'), input: [email] }),
  sampleMethod({ kind: 'update', tool: docs('update_contact'), input: [sampleField('title')] }),
  sampleMethod({ kind: 'create', tool: docs('create_contact'), input: [sampleField('title', { required: true })] }),
])

function placeOf(plain: Connector, forAccount = plain, scopes?: readonly string[]): SchemaBinding {
  return { account: { ...sampleAccess([]).account, scopes }, connector: plain, forAccount }
}

test('explainTools() names the first reason of each method, with what would have to change', () => {
  const config = mcpServerConfig.parse({
    methods: ['read', 'create', 'update'],
    tags: ['crm'],
    pii: 'strip',
    writable: ['contact.phone'],
  })
  const explained = explainTools(placeOf(connector, connector, ['b.read']), config)
  const told = explained.map((one) => {
    const { because: _, title: __, method: ___, ...rest } = { because: '', ...one }
    return rest
  })
  expect(told).toEqual([
    { name: 'list_contacts', available: true },
    { name: null, available: false, why: 'no_record' },
    { name: 'list_contacts', available: false, why: 'name_taken' },
    { name: 'delete_contact', available: false, why: 'filtered', by: ['methods', 'tags'] },
    {
      name: 'get_contact',
      scopes: ['a.read', 'b.read'],
      available: false,
      why: 'missing_scope',
      missing_scopes: ['a.read'],
    },
    { name: 'search_contacts', available: false, why: 'policy', arguments: ['email'] },
    { name: 'update_contact', available: false, why: 'nothing_writable', arguments: [] },
    { name: 'create_contact', available: false, why: 'nothing_writable', arguments: ['title'] },
  ])
  expect(explained[1]).toMatchObject({ because: expect.stringContaining('docs/contact.merge.md') })
})

/** As an account might have it: some fields cannot be written there, and one of its own can. */
function shapedAt(plain: Connector, salt: number): Connector {
  const own = sampleField('custom_tier', { customField: 'tier', description: 'The tier of this account. '.repeat(6) })
  const methods = plain.methods.map((method) => {
    if (method.kind !== 'create' && method.kind !== 'update') return method
    const isWritable = ({ name }: InputField) => salt === 0 || (name.length + salt) % 3 > 0
    return { ...method, input: [...method.input.filter((field) => field.required || isWritable(field)), own] }
  })
  return { ...plain, methods }
}

test('explainTools() calls available what a URL lists, for random configurations, budgets, grants and fields of accounts', () => {
  const systems = [...loadCatalog().values(), connector]
  const seen = new Set<string>()
  let urls = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...systems),
      fc.nat({ max: 3 }),
      randomBudgetedInput,
      fc.option(fc.array(fc.constantFrom(...systems.flatMap(({ methods }) => methods.flatMap((m) => m.scopes)))), {
        nil: undefined,
      }),
      (system, salt, input, scopes) => {
        const config = mcpServerConfig.parse({ methods: ['read', 'write'], ...input })
        const place = placeOf(system, shapedAt(system, salt), scopes)
        const explained = explainTools(place, config)
        const id = `mcp_${++urls}`
        const configs = [config] as const
        const offer = offerTools(id, [
          { configs, bindings: [{ ...place, tools: deriveTools(system, config, scopes) }] },
        ])
        const listed = applySchemaToTools(id, { configs, ...offer }, [place])
        const available = explained.flatMap((one) => (one.available ? [one.name] : []))
        expect(available).toEqual(listed.map(({ name }) => name))
        expect(explained).toHaveLength(system.methods.length)
        for (const one of explained) seen.add(one.available ? 'available' : one.why)
      },
    ),
    { numRuns: 1_000 },
  )
  // The control: no reason was left out by chance.
  const reasons = ['filtered', 'missing_scope', 'name_taken', 'no_record', 'nothing_writable', 'over_budget', 'policy']
  expect([...seen].sort()).toEqual(['available', ...reasons])
})

test('explainTools() offers a tool within the budget that it has without what an account adds', () => {
  const methods = ['create_a_contact', 'create_b_contact'].map((name) =>
    sampleMethod({ kind: 'create', name, tool: docs(name), input: [sampleField('email')] }),
  )
  const plain = sampleConnector(methods)
  const all = mcpServerConfig.parse({ methods: ['write'] })
  const { tokens = 0 } = fitTools(deriveTools(plain, all, undefined), [{ max_tokens: 9_000 }])
  const explained = explainTools(placeOf(plain, shapedAt(plain, 0)), { ...all, max_tokens: tokens })
  expect(explained.map(({ available }) => available)).toEqual([true, true])
})

test('explainTools() says what an account has no field to write for', () => {
  const plain = sampleConnector([
    sampleMethod({ kind: 'update', tool: docs('update_contact'), input: [sampleField('abc')] }),
  ])
  const config = mcpServerConfig.parse({ methods: ['write'], writable: ['contact.abc'] })
  expect(explainTools(placeOf(plain), config)).toMatchObject([{ available: true }])
  expect(explainTools(placeOf(plain, shapedAt(plain, 3)), config)).toMatchObject([{ why: 'nothing_writable' }])
})

test('explainTools() says which budget a tool is beyond, and which resources were meant', () => {
  const reasons = (input: Parameters<typeof mcpServerConfig.parse>[0]) =>
    explainTools(placeOf(connector), mcpServerConfig.parse(input)).flatMap((one) =>
      one.available || !one.name ? [] : [[one.name, one.because]],
    )
  expect(reasons({ methods: ['list', 'get', 'update'], max_tools: 1 })).toEqual(
    expect.arrayContaining([
      ['get_contact', 'The tools before it use up max_tools.'],
      ['update_contact', 'The tools before it use up max_tools.'],
    ]),
  )
  expect(reasons({ methods: ['read'], resources: ['account'] })).toContainEqual([
    'list_contacts',
    'The configuration leaves it out by: resources.',
  ])
})
