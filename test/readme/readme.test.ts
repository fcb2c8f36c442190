import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { tokenCost } from 'quartermaster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChatAnswer, type ChatRequest, modelProvider } from '../model-provider/model-provider.ts'

const file = new URL('./example.ts', import.meta.url).pathname
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

test("the README's example is the file that the type checker sees and that runs here", () => {
  expect(readme).toContain(`\`\`\`ts\n${readFileSync(file, 'utf8')}\`\`\``)
})

/** Asks for ten deals once, then adds up what it was given. */
function adding({ messages, tools }: ChatRequest): ChatAnswer {
  const given = messages.find(({ role }) => role === 'tool')?.content
  const name = tools.find((tool) => /^list_all_.*opportunities$/.test(tool)) ?? ''
  if (given === undefined) return [{ name, args: { limit: '10' } }]
  const deals = (JSON.parse(given) as { result: { amount?: number }[] }).result
  return `${deals.length} deals, ${deals.reduce((sum, { amount = 0 }) => sum + amount, 0)}`
}

test('the example runs against a server and a model provider, and the answer comes from live records', async () => {
  const provider = await modelProvider(adding)
  const { url } = await testbed.issue('hubspot', roles.analytics.spec)
  const agent = { tenant: 'acme', name: 'agent', scopes: ['runtime'] }
  const { body } = await testbed.admin('POST', '/api-token', agent)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=quartermaster-source', file], {
      env: {
        ...process.env,
        CRM_URL: url,
        CRM_TOKEN: (body as { token: string }).token,
        ACCOUNT: testbed.accounts['hubspot'],
        OPENAI_API_KEY: 'test',
        OPENAI_BASE_URL: provider.url,
      },
    })
    const first = testbed.control('hubspot').records('deals')?.slice(0, 10) ?? []
    const worth = first.reduce((sum, { values }) => sum + Number((values as Record<string, unknown>)['amount'] ?? 0), 0)
    expect(stdout.trim()).toBe(`10 deals, ${worth}`)
    expect(provider.asked).toHaveLength(2)
  } finally {
    provider.close()
  }
})

test("the README's figures of what a role costs are the figures of today", async () => {
  for (const role of Object.values(roles)) {
    const { url } = await testbed.issue('hubspot', role.spec)
    const tools = (await testbed.rpc(url, 'tools/list')).body.result?.tools ?? []
    const cost = tokenCost(tools.map((tool) => ({ ...tool, inputSchema: { ...tool.inputSchema } })))
    expect(readme).toContain(`${role.name}: ${tools.length} tools, ${cost.toLocaleString('en-US')} tokens`)
  }
})
