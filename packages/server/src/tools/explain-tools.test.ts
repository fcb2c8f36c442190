/** @module Why a tool is absent, and that the explanation never disagrees with what is derived. */
import { loadCatalog } from '@quartermaster/connectors'
import { mcpServerConfig } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveTools } from './derive-tools.ts'
import { explainTools } from './explain-tools.ts'
import { randomConfig } from './random-config.test.fixture.ts'
import { sampleConnector, sampleField, sampleMethod } from './sample.test.fixture.ts'

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

test('explainTools() names the first reason of each method, with what would have to change', () => {
  const config = mcpServerConfig.parse({
    methods: ['read', 'create', 'update'],
    tags: ['crm'],
    pii: 'strip',
    writable: ['contact.phone'],
  })
  const explained = explainTools(connector, config, ['b.read'])
  const told = explained.map((one) => {
    const { because: _, title: __, method: ___, ...rest } = { because: '', ...one }
    return rest
  })
  expect(told).toEqual([
    { name: 'list_contacts', available: true },
    { name: null, available: false, why: 'no_record' },
    { name: 'list_contacts', available: false, why: 'name_taken' },
    { name: 'delete_contact', available: false, why: 'filtered', by: ['methods', 'tags'] },
    { name: 'get_contact', available: false, why: 'missing_scope', scopes: ['a.read'] },
    { name: 'search_contacts', available: false, why: 'policy', arguments: ['email'] },
    { name: 'update_contact', available: false, why: 'nothing_writable', arguments: [] },
    { name: 'create_contact', available: false, why: 'nothing_writable', arguments: ['title'] },
  ])
  expect(explained[1]).toMatchObject({ because: expect.stringContaining('docs/contact.merge.md') })
})

test('explainTools() calls available what deriveTools() gives, for random configurations and grants', () => {
  const systems = [...loadCatalog().values(), connector]
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      fc.constantFrom(...systems),
      randomConfig,
      fc.array(randomConfig, { maxLength: 2 }),
      fc.option(fc.array(fc.constantFrom(...systems.flatMap(({ methods }) => methods.flatMap((m) => m.scopes)))), {
        nil: undefined,
      }),
      (system, config, wider, scopes) => {
        const explained = explainTools(system, config, scopes, wider)
        const available = explained.flatMap((one) => (one.available ? [one.name] : []))
        expect(available).toEqual(deriveTools(system, config, scopes, wider).map(({ name }) => name))
        expect(explained).toHaveLength(system.methods.length)
        for (const one of explained) seen.add(one.available ? 'available' : one.why)
      },
    ),
    { numRuns: 500 },
  )
  // The control: no reason was left out by chance.
  const reasons = ['available', 'filtered', 'missing_scope', 'name_taken', 'no_record', 'nothing_writable', 'policy']
  expect([...seen].sort()).toEqual(reasons)
})

test('explainTools() says which budget a tool is beyond, and which resources were meant', () => {
  const reasons = (input: Parameters<typeof mcpServerConfig.parse>[0]) =>
    explainTools(connector, mcpServerConfig.parse(input), undefined).flatMap((one) =>
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
