/**
 * @module
 * What a model pays: a role's tools on every turn, and a page of records against the system's own JSON. Counted in
 * tokens of the o200k encoding; a budget that is exceeded fails here.
 */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { tokenCost } from 'quartermaster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

const budgets = { sales: 1_600, support: 1_400, analytics: 900 } as const
const PAGE_SHARE = 0.6

async function toolsOf(system: string, config: Parameters<Testbed['issue']>[1]) {
  const { url } = await testbed.issue(system, config)
  const { tools = [] } = (await testbed.rpc(url, 'tools/list')).body.result ?? {}
  // As a client hands them to a model: no type of ours in between.
  return tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema: { ...inputSchema } }))
}

describe.each(['hubspot', 'salesforce'])('%s', (system) => {
  test.each(Object.entries(budgets))("%s's tools cost at most %i tokens", async (name, budget) => {
    const tools = await toolsOf(system, roles[name as keyof typeof budgets].spec)
    const cost = tokenCost(tools)
    const each = tools.map((tool) => `${String(tokenCost([tool])).padStart(6)} ${tool.name}`)
    process.stdout.write(`${system} ${name}: ${cost} of ${budget} tokens, ${tools.length} tools\n${each.join('\n')}\n`)
    expect(tools.length).toBeGreaterThanOrEqual(6)
    expect(cost).toBeLessThanOrEqual(budget)
  })

  test('the budget is not met by chance: all tools cost many times as much', async () => {
    const all = tokenCost(await toolsOf(system, { methods: ['read', 'write'] }))
    expect(all).toBeGreaterThan(3 * budgets.sales)
  })

  test('a page of 100 contacts costs at most 60 % of what the system sends for it', async () => {
    const { url } = await testbed.issue(system, { methods: ['read'], pii: 'full' })
    const list = system === 'hubspot' ? 'list_all_hub_spot_contacts' : 'list_all_salesforce_contacts'
    const { answer, value } = await testbed.call(url, list, { limit: '100' })
    expect(value['result_count']).toBe(100)
    const ours = encode(answer.body.result?.content?.[0]?.text ?? '').length
    const raw = encode(await rawPage(system)).length
    process.stdout.write(`${system}: ${ours} tokens for 100 contacts, ${raw} as sent, ${(ours / raw).toFixed(2)}\n`)
    expect(ours / raw).toBeLessThanOrEqual(PAGE_SHARE)
  })
})

/** The same 100 contacts as the system sends them to a caller who asks for all fields there are. */
async function rawPage(system: string): Promise<string> {
  const base = `${testbed.sandboxUrl}/acme/${system}`
  const { accessToken } = testbed.control(system).signIn({
    scope: system === 'hubspot' ? 'oauth crm.objects.contacts.read crm.objects.companies.read' : 'api refresh_token',
  })
  const get = async (path: string) => {
    const response = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(response.status).toBe(200)
    return response.text()
  }
  if (system === 'salesforce') {
    const query = encodeURIComponent('SELECT FIELDS(ALL), Account.Name FROM Contact ORDER BY Id ASC LIMIT 100')
    return get(`/services/data/v67.0/query?q=${query}`)
  }
  const { results } = JSON.parse(await get('/crm/properties/2026-09/contacts')) as { results: { name: string }[] }
  const properties = results.map(({ name }) => name).join(',')
  return get(`/crm/objects/2026-09/contacts?limit=100&associations=companies&properties=${properties}`)
}
