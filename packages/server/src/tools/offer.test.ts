/** @module What a URL over several accounts, or with a budget, offers. */
import { mcpServerConfig } from '@quartermaster/protocol'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import { sampleAccess, sampleConnector, sampleField, sampleMethod } from '../../test/sample-tools.ts'
import type { IntegratedAccount } from '../entities/account.ts'
import { deriveTools } from './derive-tools.ts'
import { enrichTools, fitTools } from './fit-tools.ts'
import { lintToolSchema } from './lint-tool-schema.ts'
import { type AccountBinding, accountWords, mergeTools, offerTools } from './offer.ts'
import type { Tool } from './tool.ts'

const config = mcpServerConfig.parse({ methods: ['read', 'write'] })
const account = (id: string, label: string): IntegratedAccount => ({ ...sampleAccess([]).account, id, label })
const docs = (name: string) => ({ name, title: name, description: `Does ${name}.` })
const methods = [
  sampleMethod({ tool: docs('list_all_acme_contacts') }),
  sampleMethod({ kind: 'search', name: 'search', tool: docs('search_acme_contacts'), input: [sampleField('query')] }),
  sampleMethod({
    kind: 'create',
    name: 'create',
    scopes: ['contacts.write'],
    tool: docs('create_acme_contact'),
    input: [sampleField('email', { required: true }), sampleField('stage', { enum: ['new'] })],
  }),
]

function binding(
  id: string,
  label: string,
  more: { scopes?: string[]; methods?: typeof methods } = {},
): AccountBinding {
  const connector = sampleConnector(more.methods ?? methods)
  const tools = deriveTools(connector, config, more.scopes)
  return { account: account(id, label), connector, tools }
}
const names = (tools: readonly Tool[]) => tools.map(({ name }) => name)

test('offerTools() gives the tools of one account as they are', () => {
  const only = binding('acc_1', 'Acme')
  expect(offerTools('mcp_1', [{ configs: [config], bindings: [only] }]).tools).toBe(only.tools)
})

test('mergeTools() asks which account is meant, where several serve a tool, and only there', () => {
  const tools = mergeTools([binding('acc_1', 'Acme EU'), binding('acc_2', 'Acme US', { scopes: [] })])
  expect(names(tools)).toEqual(['list_all_acme_contacts', 'search_acme_contacts', 'create_acme_contact'])
  expect(tools[1]?.inputSchema.properties['account']).toEqual({
    type: 'string',
    description: 'Account to use',
    enum: ['acme-eu', 'acme-us'],
  })
  expect(tools[1]?.inputSchema.required).toEqual(['account'])
  // Only the first may create.
  expect(tools[2]?.inputSchema.properties).not.toHaveProperty('account')
  expect([...(tools[2]?.variants?.keys() ?? [])]).toEqual(['acme-eu'])
  for (const tool of tools) expect(lintToolSchema(tool)).toEqual([])
})

test('mergeTools() publishes what the accounts have in common', () => {
  const [, , create] = methods
  const other = {
    ...create,
    input: [sampleField('email', { required: true }), sampleField('stage', { enum: ['old'] }), sampleField('tier')],
  }
  const [tool] = mergeTools([
    binding('acc_1', 'One', { methods: create ? [create] : [] }),
    binding('acc_2', 'Two', { methods: [other as (typeof methods)[number]] }),
  ])
  expect(Object.keys(tool?.inputSchema.properties ?? {})).toEqual(['account', 'email', 'stage'])
  expect(tool?.inputSchema.properties['stage']).not.toHaveProperty('enum')
  expect(tool?.inputSchema.required).toEqual(['account', 'email'])
})

test('accountWords() names each account by its label, or by its id where labels do not tell them apart', () => {
  const words = accountWords([
    account('acc_1', 'Müller & Söhne'),
    account('acc_2', 'Same'),
    account('acc_3', 'same!'),
    account('acc_4', '日本'),
  ])
  expect([...words.values()]).toEqual(['muller-sohne', 'acc_2', 'acc_3', 'acc_4'])
})

test('fitTools() keeps the first tools that fit, and says which budget left the others out', () => {
  const { tools } = binding('acc_1', 'Acme')
  expect(names(fitTools(tools, [{ max_tools: 2 }, { max_tools: 5 }]).tools)).toEqual(names(tools).slice(0, 2))
  const { tokens = 0 } = fitTools(tools, [{ max_tokens: 100_000 }])
  const charged = tools.map(({ name, description, inputSchema }) => ({ name, description, parameters: inputSchema }))
  const real = encode(JSON.stringify(charged)).length
  expect(tokens).toBeGreaterThanOrEqual(real)
  expect(tokens).toBeLessThanOrEqual(real + 2 * tools.length)
  const tight = fitTools(tools, [{ max_tokens: tokens - 1 }])
  expect([...tight.over]).toEqual([['create_acme_contact', 'max_tokens']])
})

test("enrichTools() adds what an account's fields say only as far as the budget goes", () => {
  const { tools } = binding('acc_1', 'Acme')
  const richer = tools.map((tool) => ({ ...tool, description: `${tool.description} ${'and more '.repeat(10)}` }))
  const { tokens: plain = 0 } = fitTools(tools, [{ max_tokens: 100_000 }])
  const { tokens: rich = 0 } = fitTools(richer, [{ max_tokens: 100_000 }])
  const at = (max_tokens: number) =>
    enrichTools(tools, richer, [{ max_tokens }]).map((tool) => tool.description.includes('more'))
  expect(at(plain)).toEqual([false, false, false])
  expect(at(plain + Math.ceil((rich - plain) / 3) + 2)).toEqual([true, false, false])
  expect(at(rich)).toEqual([true, true, true])
})
