/**
 * @module
 * One URL over several accounts, of one system and of several: which tools there are, on which account a call lands,
 * and that nothing of one account is mistaken for another's.
 */

import { type ListedTool, openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

interface Issued {
  readonly id: string
  readonly url: string
  readonly tools: readonly string[]
}

let testbed: Testbed
let second: string
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  second = await connect('hubspot', 'HubSpot US')
})
// This portal takes five searches a second, and these tests are faster.
beforeEach(() => testbed.control('hubspot').clearWindows())
afterAll(() => testbed.close())

/** Another account of the tenant, in the same faked portal. */
async function connect(system: string, label: string): Promise<string> {
  const scope =
    'oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.companies.read crm.objects.deals.read'
  const tokens = testbed.control(system).signIn({ scope })
  const grant = {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    expires_in: 1_800,
    scopes: scope.split(' '),
    hub_id: 1,
  }
  const { status, body } = await testbed.admin('POST', '/integrated-account', { tenant: 'acme', system, label, grant })
  expect([status, body]).toEqual([201, expect.anything()])
  return (body as { id: string }).id
}

async function share(
  accounts: readonly (string | undefined)[],
  config: unknown = { methods: ['read', 'write'], max_tools: 200 },
) {
  return testbed.admin('POST', '/mcp-server', { name: 'shared', account_ids: accounts, config })
}

async function issued(...of: Parameters<typeof share>): Promise<Issued> {
  const { status, body } = await share(...of)
  expect([status, body]).toEqual([201, expect.anything()])
  return body as Issued
}

async function tools(url: string): Promise<ReadonlyMap<string, ListedTool>> {
  const { tools: list = [] } = (await testbed.rpc(url, 'tools/list')).body.result ?? {}
  return new Map(list.map((tool) => [tool.name, tool]))
}
/** The accounts that a tool can be asked about. */
function choices(tool: ListedTool | undefined): readonly string[] {
  const { enum: words = [] } = (tool?.inputSchema.properties['account'] ?? {}) as { readonly enum?: readonly string[] }
  return words
}
const hubspot = () => testbed.accounts['hubspot']
const salesforce = () => testbed.accounts['salesforce']

test('accounts of two systems share a URL, and each call lands where its tool belongs', async () => {
  const { url, tools: named } = await issued([hubspot(), salesforce()])
  const list = await tools(url)
  expect([...list.keys()]).toEqual(named)
  for (const tool of list.values()) expect(tool.inputSchema.properties).not.toHaveProperty('account')
  for (const [prefix, field] of [
    ['hub_spot', 'favourite_colour'],
    ['salesforce', 'Favourite_Colour__c'],
  ]) {
    const { value } = await testbed.call(url, `search_${prefix}_contacts`, { limit: '5' })
    const fields = (value['result'] as { custom_fields: object }[]).flatMap((one) => Object.keys(one.custom_fields))
    expect(fields).toContain(field)
  }
})

test('two accounts of one system: the tool asks which, and a call without an answer names the choices', async () => {
  const { url, id } = await issued([hubspot(), second])
  const search = (await tools(url)).get('search_hub_spot_contacts')
  const words = choices(search)
  expect(words).toHaveLength(2)
  expect(words).toContain('hubspot-us')
  expect(search?.inputSchema.required).toContain('account')
  for (const args of [{}, { account: 'nobody' }, { account: 7 }, { account: null }]) {
    const { value } = await testbed.call(url, 'search_hub_spot_contacts', args)
    expect(value['error']).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining('account') })
  }
  for (const account of words) {
    const { value } = await testbed.call(url, 'search_hub_spot_contacts', { account, limit: '1' })
    expect(value['result_count']).toBe(1)
    expect(value['notes'] ?? []).not.toContainEqual(expect.stringContaining('Ignored'))
  }
  const { body } = await testbed.admin('GET', '/audit?limit=1000')
  const rows = (body as { result: { server_id: string; account_id: string; outcome: string }[] }).result
  const landed = rows.filter(({ server_id, outcome }) => server_id === id && outcome === 'ok')
  expect(new Set(landed.map((row) => row.account_id))).toEqual(new Set([hubspot(), second]))
})

test('a cursor and an idempotency key of one account are not good for the other', async () => {
  const { url } = await issued([hubspot(), second])
  const [one, other] = choices((await tools(url)).get('search_hub_spot_contacts'))
  const page = await testbed.call(url, 'search_hub_spot_contacts', { account: one, limit: '2' })
  const cursor = page.value['next_cursor']
  expect(cursor).toEqual(expect.any(String))
  const next = (account: string | undefined) =>
    testbed.call(url, 'search_hub_spot_contacts', { account, limit: '2', next_cursor: cursor })
  expect((await next(other)).value['error']).toMatchObject({ code: 'invalid_cursor' })
  expect((await next(one)).value['result_count']).toBe(2)

  const create = async (account: string | undefined) => {
    const name = 'create_a_hub_spot_contact'
    const args = { account, email: 'shared.key@example.com' }
    const headers = { 'idempotency-key': 'the-same-key' }
    const { body } = await testbed.rpc(url, 'tools/call', { name, arguments: args }, headers)
    return JSON.parse(body.result?.content?.[0]?.text ?? '{}')
  }
  const first = await create(one)
  expect(first.result?.id).toEqual(expect.any(String))
  expect((await create(other)).error).toMatchObject({ code: 'idempotency_mismatch' })
  expect((await create(one)).result?.id).toBe(first.result?.id)
})

test('what one account may not do is asked of the other only', async () => {
  const { url } = await issued([hubspot(), second])
  // The second grant has no scope for tickets.
  const tickets = (await tools(url)).get('search_hub_spot_tickets')
  expect(tickets?.inputSchema.properties).not.toHaveProperty('account')
  const { value } = await testbed.call(url, 'search_hub_spot_tickets', { limit: '1' })
  expect(value).toMatchObject({ result_count: 1 })
})

test('a derived URL can have some of the accounts, and no others', async () => {
  const { url } = await issued([hubspot(), salesforce()])
  const narrow = async (account_ids: readonly (string | undefined)[]) => {
    const response = await fetch(`${url}/narrow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${testbed.server.adminToken}` },
      body: JSON.stringify({ account_ids, config: { methods: ['search'] } }),
    })
    return { status: response.status, body: (await response.json()) as Issued }
  }
  const { status, body } = await narrow([salesforce()])
  if (status === 401) throw new Error('the test must hold a token that opens the URL')
  expect(status).toBe(201)
  expect(body.tools.every((name) => name.includes('salesforce'))).toBe(true)
  expect((await narrow([second])).status).toBe(400)
})

test('a derived URL over fewer accounts has nothing that a budget left out over all of them', async () => {
  const config = { methods: ['read', 'write'], max_tools: 3, over_budget: 'trim' }
  const { url, tools: named } = await issued([hubspot(), salesforce()], config)
  const narrow = async (account_ids: readonly (string | undefined)[]) => {
    const response = await fetch(`${url}/narrow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${testbed.server.adminToken}` },
      body: JSON.stringify({ account_ids }),
    })
    return { status: response.status, body: (await response.json()) as Issued }
  }
  expect((await narrow([salesforce()])).status).toBe(400)
  const child = (await narrow([hubspot()])).body
  expect(child.tools).toEqual(named)
  expect([...(await tools(child.url)).keys()]).toEqual(named)
})

test('a URL is over accounts of one tenant, that exist, each once', async () => {
  const foreign = (await testbed.admin('GET', '/integrated-account')).body as {
    result: { id: string; tenant: string }[]
  }
  const other = foreign.result.find(({ tenant }) => tenant !== 'acme')?.id
  expect((await share([])).status).toBe(400)
  expect((await share(['acc_0000000000000000'])).status).toBe(404)
  if (other) expect((await share([hubspot(), other])).status).toBe(400)
  const twice = await issued([hubspot(), hubspot()])
  expect((await tools(twice.url)).get('search_hub_spot_contacts')?.inputSchema.properties).not.toHaveProperty('account')
})

test('a URL that is over budget is refused with figures, or trimmed when told so', async () => {
  const accounts = [hubspot(), salesforce()]
  const everything = await share(accounts, { methods: ['read', 'write'] })
  expect([everything.status, everything.body]).toMatchObject([
    400,
    { detail: expect.stringMatching(/admits 109 tools.*max_tools 109/) },
  ])
  expect((await share(accounts, { methods: ['read', 'write'], max_tools: 108 })).status).toBe(400)
  const meant = await issued(accounts, { methods: ['read', 'write'], max_tools: 109 })
  expect(meant.tools).toHaveLength(109)
  // What one system has is nobody's surprise, and the guide's own call has less.
  expect((await testbed.issue('hubspot', { methods: ['read', 'write'] })).url).toContain('/mcp/')
  const refused = await share(accounts, { methods: ['read'], max_tools: 3 })
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([
    400,
    expect.stringMatching(/admits \d+ tools and max_tools is 3/),
  ])
  const dear = await share(accounts, { methods: ['read'], max_tokens: 500 })
  expect(JSON.stringify(dear.body)).toMatch(/cost \d+ tokens and max_tokens is 500/)
  const trimmed = await issued(accounts, { methods: ['read'], max_tools: 3, over_budget: 'trim' })
  expect(trimmed.tools).toHaveLength(3)
  expect([...(await tools(trimmed.url)).keys()]).toEqual(trimmed.tools)
  const { value } = await testbed.call(trimmed.url, 'search_salesforce_contacts', {})
  expect(value['error']).toMatchObject({ code: 'unknown_tool' })
})

test('a removed account takes its tools along; with the last one the URL ends', async () => {
  const gone = await connect('hubspot', 'To be removed')
  const last = await connect('hubspot', 'Removed after')
  const { url, id } = await issued([gone, last])
  expect((await tools(url)).size).toBeGreaterThan(5)
  await testbed.admin('DELETE', `/integrated-account/${gone}`)
  expect((await tools(url)).get('search_hub_spot_contacts')?.inputSchema.properties).not.toHaveProperty('account')
  expect((await testbed.call(url, 'search_hub_spot_contacts', { limit: '1' })).value).toMatchObject({ result_count: 1 })
  await testbed.admin('DELETE', `/integrated-account/${last}`)
  expect((await testbed.rpc(url, 'tools/list')).status).toBe(401)
  const { body } = await testbed.admin('GET', `/mcp-server/${id}`)
  expect(body).toMatchObject({ account_ids: [gone, last], revoked_at: expect.any(String) })
})
