/** @module What an account's own fields add to the tools of derived URLs. */
import { mcpServerConfig } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { deriveTools } from './derive-tools.ts'
import { fitTools } from './fit-tools.ts'
import { offerTools } from './offer.ts'
import { sampleAccess, sampleConnector, sampleField, sampleMethod } from './sample.test.fixture.ts'
import { shapeTools } from './shape-tools.ts'

const docs = (name: string) => ({ name, title: name, description: `Does ${name}.` })
const own = sampleField('custom_tier', { own: 'tier', description: `The tier ${'of this account '.repeat(8)}` })
const methods = ['create_a_contact', 'create_b_contact'].map((name) =>
  sampleMethod({ kind: 'create', name, tool: docs(name), input: [sampleField('email')] }),
)
const connector = sampleConnector(methods)
const shaped = sampleConnector(methods.map((method) => ({ ...method, input: [...method.input, own] })))
const { account } = sampleAccess([])

function offered(...inputs: readonly [object, ...object[]]) {
  const [first, ...rest] = inputs.map((input) => mcpServerConfig.parse({ methods: ['write'], ...input }))
  if (!first) throw new Error('there is no configuration')
  const level = (config: typeof first, wider: typeof rest) => {
    const seats = [{ account, connector, tools: deriveTools(connector, config, undefined, wider) }]
    return { configs: [config, ...wider] as const, seats }
  }
  const above = rest.map((config, at) => level(config, rest.slice(at + 1)))
  const line = offerTools('mcp_1', [level(first, rest), ...above])
  const tools = shapeTools('mcp_1', { configs: [first, ...rest], ...line }, [{ account, connector, shaped }])
  return tools.map(({ name, inputSchema: { properties } }) => [name, 'custom_tier' in properties])
}

test("shapeTools() adds an account's own field only where each URL above adds it too", () => {
  const config = mcpServerConfig.parse({ methods: ['write'] })
  const { tokens = 0 } = fitTools(deriveTools(connector, config, undefined), [{ max_tokens: 100_000 }])
  // Enough for the tools and one of the additions.
  const parent = { max_tokens: tokens + 45 }
  expect(offered(parent)).toEqual([
    ['create_a_contact', true],
    ['create_b_contact', false],
  ])
  expect(offered({ only: ['create_b*'] }, parent)).toEqual([['create_b_contact', false]])
  expect(offered({ only: ['create_a*'] }, parent)).toEqual([['create_a_contact', true]])
  // The control: with the same budget and nothing above, there is room for it.
  expect(offered({ only: ['create_b*'], ...parent })).toEqual([['create_b_contact', true]])
  expect(offered({ only: ['create_b*'] }, {})).toEqual([['create_b_contact', true]])
})
