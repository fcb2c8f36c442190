/**
 * @module
 * What the admin surface says that a URL would have, and why not the rest, against what the URL then lists.
 */
import { type AccountField, type Connector, loadCatalog } from '@quartermaster/connectors'
import type { IssuedMcpServer, McpServerConfigInput } from '@quartermaster/protocol'
import { openTestbed, type RpcAnswer, type Testbed } from '@quartermaster/testing/testbed'
import { adminClient, roles } from '@quartermaster/toolsets'
import { connectSandboxAccounts } from 'quartermaster'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openConnectTestbed } from '../connect/connect-testbed.ts'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
})
afterAll(() => testbed.close())

interface Explained {
  readonly method: string
  readonly name: string | null
  readonly available: boolean
  readonly why?: string | undefined
  readonly scopes?: readonly string[] | undefined
}

interface Trimmed extends IssuedMcpServer {
  readonly tools: readonly string[]
  readonly left_out: readonly { readonly name: string; readonly by: readonly string[] }[]
}

async function asked(system: string, query: string): Promise<readonly Explained[]> {
  const { status, body } = await testbed.admin('GET', `/integrated-account/${testbed.accounts[system]}/tools?${query}`)
  expect(status).toBe(200)
  return (body as { result: readonly Explained[] }).result
}

const admin = () => adminClient({ baseUrl: testbed.server.url, token: testbed.server.adminToken })
const availableOf = (explained: readonly Explained[]) =>
  explained.flatMap(({ available, name }) => (available ? [name] : []))

async function listed(system: string, config: McpServerConfigInput): Promise<readonly string[]> {
  const { url } = await testbed.issue(system, config)
  const { tools = [] } = (await testbed.rpc(url, 'tools/list')).body.result ?? {}
  return tools.map(({ name }) => name)
}

const asConfig = (config: McpServerConfigInput) => `config=${encodeURIComponent(JSON.stringify(config))}`

describe.each([
  ['hubspot', 'hub_spot'],
  ['salesforce', 'salesforce'],
])('%s', (system, prefix) => {
  test.each(Object.keys(roles) as (keyof typeof roles)[])('what is said of %s is what its URL lists', async (role) => {
    const tools = await listed(system, roles[role].spec)
    expect(availableOf(await roles[role].explain(admin(), testbed.accounts[system] ?? ''))).toEqual(tools)
    expect(availableOf(await asked(system, `role=${role}&explain`))).toEqual(tools)
    expect((await asked(system, `role=${role}`)).map(({ name }) => name)).toEqual(tools)
  })

  test('the scopes of a role are those of its tools, where the system grants resources one by one', async () => {
    const account = testbed.accounts[system] ?? ''
    const [reads, all] = await Promise.all([
      roles.support.methods('read').scopes(admin(), account),
      roles.support.scopes(admin(), account),
    ])
    const explained = await roles.support.explain(admin(), account)
    const named = explained.flatMap(({ available, scopes }) => (available ? (scopes ?? []) : []))
    expect(all).toEqual([...new Set(named)].sort())
    expect(all.length > 0).toBe(system === 'hubspot')
    expect(all).toEqual(expect.arrayContaining([...reads]))
  })

  test('what is said of a budget is what its URL lists, however small it is', async () => {
    for (const max_tokens of [300, 700, 1_500, 3_000]) {
      const config: McpServerConfigInput = { methods: ['read', 'write'], max_tokens, over_budget: 'trim' }
      const explained = await admin().explain(testbed.accounts[system] ?? '', config)
      expect(availableOf(explained)).toEqual(await listed(system, config))
      expect(explained.filter(({ why }) => why === 'over_budget').length).toBeGreaterThan(5)
    }
  })

  test('whoever issues or narrows a URL is told what a budget left out, and by which', async () => {
    const all: McpServerConfigInput = { methods: ['read', 'write'], over_budget: 'trim' }
    const whole = (await testbed.issue(system, all)) as Trimmed
    expect(whole.left_out).toEqual([])
    const trimmed = (await testbed.issue(system, { ...all, max_tokens: 700 })) as Trimmed
    expect(await listed(system, { ...all, max_tokens: 700 })).toEqual(trimmed.tools)
    expect(trimmed.tools.length + trimmed.left_out.length).toBe(whole.tools.length)
    const explained = await admin().explain(testbed.accounts[system] ?? '', trimmed.config)
    const over = explained.filter(({ why }) => why === 'over_budget')
    expect(trimmed.left_out).toEqual(over.map(({ name, by }) => ({ name, by })))
    const { body } = await testbed.admin('POST', `${new URL(trimmed.url).pathname}/narrow`, {
      config: { max_tools: 2 },
    })
    const below = body as Trimmed
    expect(below.tools).toEqual(trimmed.tools.slice(0, 2))
    expect(below.left_out).toEqual(trimmed.tools.slice(2).map((name) => ({ name, by: ['max_tools'] })))
  })

  test('the grant of an account needs what is said of the tools, and of those it lacks', async () => {
    const explained = await asked(system, 'role=sales&explain')
    const catalog = loadCatalog().get(system)
    for (const { method, scopes = [] } of explained) {
      const [resource, name] = method.split('.')
      const of = catalog?.methods.find((one) => one.resource === resource && one.name === name)
      expect([method, scopes]).toEqual([method, of?.scopes])
    }
    // The control: one of the systems grants by resource.
    const isGranular = explained.some(({ available, scopes = [] }) => available && scopes.length > 0)
    expect(isGranular).toBe(system === 'hubspot')
  })

  test('a write that could set nothing but custom fields is no tool, neither where it is said nor on the URL', async () => {
    const config = { methods: ['search', 'update'], writable: ['opportunity.custom_*', 'contact.title'] }
    const tools = await listed(system, config)
    expect(tools).toContain(`update_a_${prefix}_contact_by_id`)
    expect(tools).not.toContain(`update_a_${prefix}_opportunity_by_id`)
    expect(availableOf(await asked(system, `explain&${asConfig(config)}`))).toEqual(tools)
  })
})

test('what an account cannot write is no tool, neither where it is said nor on the URL', async () => {
  const testbed = await openConnectTestbed({ change: withoutTitle })
  onTestFinished(testbed.close)
  const [{ id } = { id: '' }] = await connectSandboxAccounts({
    server: testbed,
    sandboxUrl: testbed.sandboxUrl,
    tenant: 'acme',
  })
  const config = { methods: ['update'], writable: ['contact.title', 'account.name'] }
  const { url } = (await testbed.api('POST', `/integrated-account/${id}/mcp`, { name: 'x', config }))
    .body as IssuedMcpServer
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const { result } = (await testbed.api('POST', url.replace(testbed.url, ''), list)).body as RpcAnswer['body']
  expect(result?.tools?.map(({ name }) => name)).toEqual(['update_a_hub_spot_account_by_id'])
  const explained = await testbed.api('GET', `/integrated-account/${id}/tools?explain&${asConfig(config)}`)
  const said = (explained.body as { result: readonly Explained[] }).result
  expect(availableOf(said)).toEqual(['update_a_hub_spot_account_by_id'])
  expect(said).toContainEqual(
    expect.objectContaining({ name: 'update_a_hub_spot_contact_by_id', why: 'nothing_writable' }),
  )
})

/** The connector, for accounts where nobody may change a contact's title. */
function withoutTitle(connector: Connector): Connector {
  const methods = connector.methods.map((method) => ({
    ...method,
    forAccount: (fields: readonly AccountField[]) =>
      method.forAccount(fields.map((field) => (field.name === 'jobtitle' ? { ...field, updatable: false } : field))),
  }))
  return { ...connector, methods }
}
