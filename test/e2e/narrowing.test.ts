/** @module URLs derived by whoever holds a URL: weaker, and gone with the one they come from. */
import type { IssuedMcpServer } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

interface Derived extends IssuedMcpServer {
  readonly parent_id: string
  readonly tools: readonly string[]
}

async function ask(url: string, body: unknown, token = testbed.server.adminToken) {
  const response = await fetch(`${url}/narrow`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Derived & { detail?: string } }
}

async function narrow(url: string, config: unknown = {}): Promise<Derived> {
  const { status, body } = await ask(url, { name: 'sub-agent', config })
  if (status !== 201) throw new Error(`Cannot narrow: ${status} ${body.detail}`)
  return body
}

const namesOf = async (url: string) =>
  (await testbed.rpc(url, 'tools/list')).body.result?.tools?.map(({ name }) => name) ?? []
const statusOf = async (url: string) => (await testbed.rpc(url, 'tools/list')).status
const revoke = (id: string) => testbed.admin('DELETE', `/mcp-server/${id}`)

describe.each(['hubspot', 'salesforce'])('%s', (system) => {
  test('a read-only URL derived from a writing one cannot write, and reads', async () => {
    const wide = await testbed.issue(system, { methods: ['read', 'write'] })
    const child = await narrow(wide.url, { methods: ['read'], pii: 'strip' })
    const [wideNames, names] = await Promise.all([namesOf(wide.url), namesOf(child.url)])
    expect(names).toEqual(child.tools)
    expect(names.filter((name) => !wideNames.includes(name))).toEqual([])
    const create = wideNames.find((name) => /^create_.*contact$/.test(name)) ?? ''
    const list = names.find((name) => /^list_all_.*contacts$/.test(name)) ?? ''
    const args = { first_name: 'Ada', last_name: 'Byron', email: `${system}@narrowing.example` }
    const control = testbed.control(system)
    control.resetCounters()
    const refused = await testbed.call(child.url, create, args)
    expect(refused.value).toMatchObject({ error: { code: 'unknown_tool' } })
    expect(control.counters().requests).toEqual({})
    const read = await testbed.call(child.url, list, { limit: '5' })
    expect(read.answer.body.result?.isError).toBeFalsy()
    expect(read.answer.text).not.toContain('@')
    // The control: the wide URL makes the same write.
    expect((await testbed.call(wide.url, create, args)).answer.body.result?.isError).toBeFalsy()
    // And a derived URL that asks for everything again gets what it comes from.
    const grandchild = await narrow(child.url, { methods: ['read', 'write', 'custom'] })
    expect(await namesOf(grandchild.url)).toEqual(names)
  })

  test('a URL derived from one that was trimmed has none of what was left out', async () => {
    const budget = { max_tools: 3, over_budget: 'trim' as const }
    const wide = await testbed.issue(system, { methods: ['read', 'write'], ...budget })
    const names = await namesOf(wide.url)
    expect(names).toHaveLength(3)
    expect((await ask(wide.url, { config: { only: ['delete_*'] } })).status).toBe(400)
    const child = await narrow(wide.url, { without: [names[0]] })
    expect(child.tools).toEqual(names.slice(1))
    expect(await namesOf(child.url)).toEqual(names.slice(1))
    // The control: the root of the same line without a budget has more to give.
    const open = await testbed.issue(system, { methods: ['read', 'write'] })
    expect((await narrow(open.url, { only: ['delete_*'] })).tools.length).toBeGreaterThan(2)
  })

  test('revoking, ending and replacing a URL ends all below it at once', async () => {
    const root = await testbed.issue(system)
    const child = await narrow(root.url)
    const grandchild = await narrow(child.url)
    const other = await narrow(root.url)
    const all = () => Promise.all([root, child, grandchild, other].map(({ url }) => statusOf(url)))
    expect(await all()).toEqual([200, 200, 200, 200])
    await revoke(child.id)
    expect(await all()).toEqual([200, 401, 401, 200])
    expect((await testbed.admin('GET', `/mcp-server/${grandchild.id}`)).body).toMatchObject({
      parent_id: child.id,
      revoked_at: expect.any(String),
    })
    expect((await testbed.admin('POST', `/mcp-server/${grandchild.id}/rotate`, {})).status).toBe(409)
    // A URL may have leaked before it is replaced, and what was derived from it would be a way back in.
    await testbed.admin('POST', `/mcp-server/${root.id}/rotate`, { overlap_s: 0 })
    expect(await all()).toEqual([401, 401, 401, 401])
  })

  test('no race leaves a derived URL behind', async () => {
    const root = await testbed.issue(system)
    const derived = Array.from({ length: 20 }, () => ask(root.url, {}))
    const [, ...made] = await Promise.all([revoke(root.id), ...derived])
    const working = made.filter(({ status }) => status === 201)
    expect(await Promise.all(working.map(({ body }) => statusOf(body.url)))).toEqual(working.map(() => 401))
    expect((await ask(root.url, {})).status).toBe(401)
  })

  test('what a wider URL reserves for approval stays reserved', async () => {
    const root = await testbed.issue(system, { methods: ['read', 'write'], approve: ['write'], approved_by: 'token' })
    const child = await narrow(root.url, { approve: ['delete'], approved_by: 'caller' })
    const create = child.tools.find((name) => /^create_.*contact$/.test(name)) ?? ''
    const args = { first_name: 'Ada', last_name: 'Byron', email: `${system}@approval.example` }
    expect((await testbed.call(child.url, create, args)).value).toMatchObject({
      error: { code: 'approval_required', approval: { approved_by: 'token' } },
    })
  })
})

test('what would be wider is refused, and so is a caller without the second factor', async () => {
  const root = await testbed.issue('hubspot', { pii: 'strip' })
  expect(await ask(root.url, { config: { pii: 'full' } })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('pii "full" shows what "strip" hides') },
  })
  expect((await ask(root.url, { config: { only: ['nothing'] } })).status).toBe(400)
  expect((await ask(root.url, { config: { tools: ['x'] } })).status).toBe(400)
  expect((await ask(root.url, {}, 'qm_none')).status).toBe(401)
  let deepest = root.url
  for (let depth = 0; depth < 4; depth++) deepest = (await narrow(deepest)).url
  expect((await ask(deepest, {})).status).toBe(400)
})

test('a URL has at most a hundred derived ones at once', async () => {
  const root = await testbed.issue('hubspot')
  const answers = []
  for (let nth = 0; nth < 101; nth++) answers.push((await ask(root.url, { config: { expires_in_s: 1 } })).status)
  expect(answers.filter((status) => status === 201)).toHaveLength(100)
  expect(answers.at(-1)).toBe(429)
})

test('narrowing is in the audit, and the admin surface explains tools', async () => {
  const root = await testbed.issue('hubspot')
  const child = await narrow(root.url)
  const rows: Record<string, unknown>[] = []
  for (let after = 0; ; ) {
    const { body } = await testbed.admin('GET', `/audit?tenant=acme&after=${after}&limit=1000`)
    const { result, next_after } = body as { result: Record<string, unknown>[]; next_after?: number }
    rows.push(...result)
    if (result.length === 0 || !next_after || next_after <= after) break
    after = next_after
  }
  const narrowed = rows.filter(({ tool, server_id }) => tool === 'url.narrowed' && server_id === child.id)
  expect(narrowed).toMatchObject([{ phase: 'outcome', outcome: 'ok', subject: root.id }])
  const path = `/integrated-account/${testbed.accounts['hubspot']}/tools`
  const explained = await testbed.admin('GET', `${path}?explain&role=analytics`)
  const result = (explained.body as { result: { available: boolean; name: string; why?: string }[] }).result
  const plain = (await testbed.admin('GET', `${path}?role=analytics`)).body as { result: { name: string }[] }
  expect(result.flatMap(({ available, name }) => (available ? [name] : []))).toEqual(
    plain.result.map(({ name }) => name),
  )
  expect(result.find(({ name }) => name === 'create_a_hub_spot_contact')).toMatchObject({ why: 'filtered' })
  for (const query of ['role=captain', 'config={', 'config={"a":1}', 'role=sales&config={}'])
    expect([query, (await testbed.admin('GET', `${path}?${query}`)).status]).toEqual([query, 400])
})
