/** @module What an account's custom fields add to the tools of derived URLs. */
import type { Connector } from '@quartermaster/connectors'
import { mcpServerConfig } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { sampleAccess, sampleConnector, sampleField, sampleMethod } from '../../test/sample-tools.ts'
import { applySchemaToTools } from './apply-schema-to-tools.ts'
import { deriveTools } from './derive-tools.ts'
import { fitTools } from './fit-tools.ts'
import { offerTools } from './offer.ts'

const docs = (name: string) => ({ name, title: name, description: `Does ${name}.` })
const own = sampleField('custom_tier', { customField: 'tier', description: `The tier ${'of this account '.repeat(8)}` })
const methods = ['create_a_contact', 'create_b_contact'].map((name) =>
  sampleMethod({ kind: 'create', name, tool: docs(name), input: [sampleField('email')] }),
)
const connector = sampleConnector(methods)
const forAccount = sampleConnector(methods.map((method) => ({ ...method, input: [...method.input, own] })))
const { account } = sampleAccess([])

let urls = 0

function offered([connector, forAccount]: readonly [Connector, Connector], ...inputs: readonly object[]) {
  const [first, ...rest] = inputs.map((input) => mcpServerConfig.parse({ methods: ['write'], ...input }))
  if (!first) throw new Error('there is no configuration')
  const source = (config: typeof first, ancestorConfigs: typeof rest) => {
    const bindings = [{ account, connector, tools: deriveTools(connector, config, undefined, ancestorConfigs) }]
    return { configs: [config, ...ancestorConfigs] as const, bindings }
  }
  const ancestors = rest.map((config, at) => source(config, rest.slice(at + 1)))
  // What is offered is remembered for each URL.
  const id = `mcp_${++urls}`
  const offer = offerTools(id, [source(first, rest), ...ancestors])
  const tools = applySchemaToTools(id, { configs: [first, ...rest], ...offer }, [{ account, connector, forAccount }])
  return tools.map(({ name, inputSchema: { properties } }) => [name, 'custom_tier' in properties])
}

const onWrites = (...inputs: readonly object[]) => offered([connector, forAccount], ...inputs)

test("applySchemaToTools() adds an account's custom field only where each ancestor adds it too", () => {
  const config = mcpServerConfig.parse({ methods: ['write'] })
  const { tokens = 0 } = fitTools(deriveTools(connector, config, undefined), [{ max_tokens: 100_000 }])
  // Enough for the tools and one of the additions.
  const parent = { max_tokens: tokens + 45 }
  expect(onWrites(parent)).toEqual([
    ['create_a_contact', true],
    ['create_b_contact', false],
  ])
  expect(onWrites({ only: ['create_b*'] }, parent)).toEqual([['create_b_contact', false]])
  expect(onWrites({ only: ['create_a*'] }, parent)).toEqual([['create_a_contact', true]])
  // The control: with the same limit and no ancestor, there is room for it.
  expect(onWrites({ only: ['create_b*'], ...parent })).toEqual([['create_b_contact', true]])
  expect(onWrites({ only: ['create_b*'] }, {})).toEqual([['create_b_contact', true]])
})

test('applySchemaToTools() adds filters by custom fields last, when every tool has what else the account says, and in a derived URL only where an ancestor has them', () => {
  const filter = sampleField('custom_tier', {
    filters: ['unclassified'],
    customField: 'Tier__c',
    enum: ['gold', 'silver'],
  })
  const search = sampleMethod({ kind: 'search', tool: docs('search_contacts'), input: [sampleField('query')] })
  const create = sampleMethod({
    kind: 'create',
    tool: docs('create_a_contact'),
    input: [sampleField('stage', { description: 'The stage. '.repeat(20) })],
  })
  const plain = sampleConnector([search, create])
  const rich = sampleConnector([
    { ...search, input: [...search.input, filter] },
    { ...create, input: [...create.input.map((field) => ({ ...field, enum: ['new', 'open', 'closed'] })), filter] },
  ])
  const all = { methods: ['read', 'write'] }
  const cost = (of: typeof plain) =>
    fitTools(deriveTools(of, mcpServerConfig.parse(all), undefined), [{ max_tokens: 100_000 }]).tokens ?? 0
  const [least, most] = [cost(plain), cost(rich)]
  const withCreate = cost(sampleConnector([search, rich.methods[1] ?? create]))
  const at = (max_tokens: number, below?: object) =>
    offered([plain, rich], ...(below ? [{ ...all, ...below }] : []), { ...all, max_tokens }).map(([, has]) => has)
  expect(at(least)).toEqual([false, false])
  // The search comes first in order, and the write still takes what there is.
  expect(at(withCreate)).toEqual([false, true])
  expect(at(most)).toEqual([true, true])
  expect(at(withCreate, { only: ['search_*'] })).toEqual([false])
  expect(at(most, { only: ['search_*'] })).toEqual([true])
})
