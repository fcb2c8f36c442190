/** @module Writes over real MCP: made once and made only with a person's approval. */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { APPROVAL, DRY, KEY, systems, writeCalls } from './write-calls.ts'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
})
afterAll(() => testbed.close())

const { firstContact, issue, write, writesSeen } = writeCalls(() => testbed)

test.each(systems)(
  'a create with a key is made once on $system, and its answer comes again',
  async ({ system, create }) => {
    const url = await issue(system)
    const args = { email: `once-${system}@test.example`, last_name: 'Once' }
    const before = writesSeen(system)
    const first = await write(url, create, args, { [KEY]: 'k-1' })
    const again = await write(url, create, args, { [KEY]: 'k-1' })
    expect(first.result['id']).toBeTypeOf('string')
    expect(again.result).toEqual(first.result)
    expect(again.notes?.join()).toContain('same idempotency key')
    expect(writesSeen(system) - before).toBe(1)
    const other = await write(url, create, { ...args, last_name: 'Twice' }, { [KEY]: 'k-1' })
    expect(other.error).toMatchObject({ code: 'idempotency_mismatch', status: 422 })
    expect(writesSeen(system) - before).toBe(1)
  },
)

test('the same key at another URL is another write, and a header says the same as _meta', async () => {
  const [one, two] = [await issue('salesforce'), await issue('salesforce')]
  const before = writesSeen('salesforce')
  const args = { email: 'header@test.example', last_name: 'Header' }
  const first = await write(one, 'create_a_salesforce_contact', args, {}, { 'idempotency-key': 'k-h' })
  const again = await write(one, 'create_a_salesforce_contact', args, { [KEY]: 'k-h' })
  expect(again.result).toEqual(first.result)
  const other = await write(two, 'create_a_salesforce_contact', { ...args, email: 'h2@test.example' }, { [KEY]: 'k-h' })
  expect(other.result['id']).not.toBe(first.result['id'])
  expect(writesSeen('salesforce') - before).toBe(2)
})

test('of parallel creates without a key one is made; each of the others says so', async () => {
  const url = await issue('hubspot')
  const before = writesSeen('hubspot')
  const args = { email: 'parallel@test.example', last_name: 'Parallel' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => write(url, 'create_a_hub_spot_contact', args)))
  const made = answers.filter(({ result, notes }) => result && !notes?.join().includes('Nothing was created now'))
  expect(made).toHaveLength(1)
  for (const { error, notes } of answers.filter((answer) => answer !== made[0])) {
    expect(error?.code ?? notes?.join()).toMatch(/in_progress|Nothing was created now/)
  }
  const late = await write(url, 'create_a_hub_spot_contact', args)
  expect(late.notes?.join()).toContain('Nothing was created now')
  expect(late.result).toEqual(made[0]?.result)
  expect(writesSeen('hubspot') - before).toBe(1)
})

test('what a system refused may be tried again under the same key', async () => {
  const url = await issue('hubspot')
  const args = { email: 'refused@test.example', last_name: 'Refused' }
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 1, retryAfterS: 1 })
  const first = await write(url, 'create_a_hub_spot_contact', args, { [KEY]: 'k-r' })
  expect(first.error).toMatchObject({ code: 'rate_limited' })
  const second = await write(url, 'create_a_hub_spot_contact', args, { [KEY]: 'k-r' })
  expect(second.result['id']).toBeTypeOf('string')
  expect(second.notes?.join()).not.toContain('Nothing was')
})

test('a create whose answer was lost is not made again under its key', async () => {
  const url = await issue('hubspot')
  const args = { email: 'lost@test.example', last_name: 'Lost' }
  testbed.control('hubspot').arm({ kind: 'dropped_response', times: 1 })
  const before = writesSeen('hubspot')
  const answers = [
    await write(url, 'create_a_hub_spot_contact', args, { [KEY]: 'k-l' }),
    await write(url, 'create_a_hub_spot_contact', args, { [KEY]: 'k-l' }),
  ]
  expect(answers.map(({ error }) => error.code)).toEqual(['outcome_unknown', 'outcome_unknown'])
  expect(writesSeen('hubspot') - before).toBe(1)
  const found = await testbed.call(url, 'search_hub_spot_contacts', { query: 'lost@test.example' })
  expect(found.value['result_count']).toBe(1)
})

test.each([{ [KEY]: '' }, { [KEY]: 'a b' }, { [KEY]: 7 }, { [DRY]: 'yes' }, { [DRY]: 1 }, { [APPROVAL]: {} }])(
  'a wish that cannot be read changes nothing: %j',
  async (meta) => {
    const url = await issue('hubspot')
    const before = writesSeen('hubspot')
    const { error } = await write(url, 'create_a_hub_spot_contact', { email: 'w@test.example' }, meta)
    expect(error).toMatchObject({ code: 'invalid_arguments' })
    expect(writesSeen('hubspot')).toBe(before)
  },
)

test('a reserved write waits for a handle, which is good once, for the same call at the same URL', async () => {
  const config = { methods: ['read', 'write'], approve: ['write'] }
  const [url, other] = [await issue('salesforce', config), await issue('salesforce', config)]
  const update = 'update_a_salesforce_contact_by_id'
  const id = await firstContact(url, 'list_all_salesforce_contacts')
  const before = writesSeen('salesforce')
  const args = { id, title: 'Approved' }
  const asked = await write(url, update, args)
  expect(asked.error).toMatchObject({ code: 'approval_required', status: 428 })
  expect(asked.error.approval).toMatchObject({ approved_by: 'caller', action: `update contact ${id}` })
  expect(asked.error.approval?.changes).toMatchObject([{ field: 'title', to: 'Approved' }])
  const meta = { [APPROVAL]: asked.error.approval?.handle }
  const wrong = [
    await write(url, update, { id, title: 'Something else' }, meta),
    await write(url, 'delete_a_salesforce_contact_by_id', { id }, meta),
    await write(other, update, args, meta),
    await write(url, update, args, { [APPROVAL]: 'apr_0000000000000000000000000000' }),
  ]
  expect(wrong.map(({ error }) => error.code)).toEqual(Array(4).fill('approval_invalid'))
  expect(writesSeen('salesforce')).toBe(before)
  const answers = await Promise.all([1, 2, 3, 4].map(() => write(url, update, args, meta)))
  expect(answers.filter(({ result }) => result?.['title'] === 'Approved')).toHaveLength(1)
  expect(answers.filter(({ error }) => error?.code === 'approval_invalid')).toHaveLength(3)
})

test('an approval survives a write that did not happen, and a key survives the approval', async () => {
  const url = await issue('hubspot', { methods: ['read', 'write'], approve: ['create'] })
  const args = { email: 'survives@test.example', last_name: 'Survives' }
  const asked = await write(url, 'create_a_hub_spot_contact', args)
  const meta = { [APPROVAL]: asked.error.approval?.handle, [KEY]: 'k-s' }
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 1, retryAfterS: 1 })
  expect((await write(url, 'create_a_hub_spot_contact', args, meta)).error.code).toBe('rate_limited')
  const made = await write(url, 'create_a_hub_spot_contact', args, meta)
  expect(made.result['id']).toBeTypeOf('string')
  expect((await write(url, 'create_a_hub_spot_contact', args, meta)).result).toEqual(made.result)
})

test('a write reserved for a token waits for somebody with the scope approve', async () => {
  const url = await issue('salesforce', { methods: ['read', 'write'], approve: ['delete'], approved_by: 'token' })
  const id = await firstContact(url, 'list_all_salesforce_contacts')
  const remove = 'delete_a_salesforce_contact_by_id'
  const token = async (tenant: string, scopes: readonly string[]) =>
    ((await testbed.admin('POST', '/api-token', { tenant, name: 'n', scopes })).body as { token: string }).token
  const [approver, foreign, runtime] = [
    await token('acme', ['approve']),
    await token('globex', ['approve']),
    await token('acme', ['runtime']),
  ]
  const ask = async () => (await write(url, remove, { id })).error.approval?.handle ?? ''
  const decide = async (handle: string, decision: string, by = approver) =>
    (await testbed.admin('POST', `/approval/${handle}`, { decision }, by)).status
  const handle = await ask()
  const use = (one: string) => write(url, remove, { id }, { [APPROVAL]: one })
  expect((await use(handle)).error).toMatchObject({ code: 'approval_required' })
  expect([await decide(handle, 'approved', foreign), await decide(handle, 'approved', runtime)]).toEqual([404, 403])
  expect((await use(handle)).error).toMatchObject({ code: 'approval_required' })
  const refused = await ask()
  expect([await decide(refused, 'refused'), await decide(refused, 'approved')]).toEqual([200, 409])
  expect((await use(refused)).error).toMatchObject({ code: 'approval_invalid' })
  expect(await decide(handle, 'approved')).toBe(200)
  expect((await testbed.admin('GET', `/approval/${handle}`, undefined, approver)).body).toMatchObject({
    tool: remove,
    decision: 'approved',
    used: false,
  })
  expect((await use(handle)).result).toEqual({ id, deleted: true })
})

test('a URL may set only the fields it was given', async () => {
  const url = await issue('hubspot', { methods: ['read', 'write'], writable: ['contact.title', 'contact.email'] })
  const tools = (await testbed.rpc(url, 'tools/list')).body.result?.tools ?? []
  const fieldsOf = (name: string) => Object.keys(tools.find((tool) => tool.name === name)?.inputSchema.properties ?? {})
  expect(fieldsOf('update_a_hub_spot_contact_by_id').sort()).toEqual(['email', 'id', 'title'])
  expect(fieldsOf('create_a_hub_spot_contact')).toEqual(['email'])
  expect(tools.map(({ name }) => name)).not.toContain('update_a_hub_spot_account_by_id')
  const id = await firstContact(url, 'list_all_hub_spot_contacts')
  const changed = await write(url, 'update_a_hub_spot_contact_by_id', { id, title: 'Allowed', last_name: 'Forbidden' })
  expect(changed.result).toMatchObject({ title: 'Allowed' })
  expect(changed.result['last_name']).not.toBe('Forbidden')
  expect(changed.notes?.join()).toContain('last_name')
})
