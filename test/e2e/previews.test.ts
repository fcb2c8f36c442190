/** @module What a write would change, over real MCP: told to who tries it and to who decides about it. */
import type { McpServerConfigInput } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DRY, systems, writeCalls } from './write-calls.ts'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
})
afterAll(() => testbed.close())

const { firstContact, issue, write, writesSeen } = writeCalls(() => testbed)

test.each(systems)('a dry run on $system shows the differences and changes nothing', async (names) => {
  const { system, create, update, get, list, remove } = names
  const url = await issue(system)
  const id = await firstContact(url, list)
  const { value } = await testbed.call(url, get, { id })
  const current = value['result'] as { title?: string; last_name: string }
  const before = writesSeen(system)
  const args = { id, title: 'Chief Quartermaster', last_name: current.last_name }
  const tried = await write(url, update, args, { [DRY]: true })
  const from = current.title === undefined ? {} : { from: current.title }
  expect(tried.result).toEqual({
    dry_run: true,
    action: `update contact ${id}`,
    changes: [{ field: 'title', ...from, to: 'Chief Quartermaster' }],
  })
  const made = await write(url, create, { email: 'dry@test.example', last_name: 'Dry' }, { [DRY]: true })
  expect(made.result['changes']).toContainEqual({ field: 'email', to: 'dry@test.example' })
  const gone = await write(url, remove, { id }, { [DRY]: true })
  expect(gone.result['changes']).toContainEqual({ field: 'last_name', from: current.last_name })
  expect(writesSeen(system)).toBe(before)
  expect((await write(url, update, { id: 'no id!', title: 'x' }, { [DRY]: true })).error.code).toBe('invalid_arguments')
  expect((await testbed.call(url, get, { id })).value['result']).toEqual(current)
})

test.each(systems)(
  'a dry run of a delete on $system shows all that would be gone, as the role sees it',
  async (names) => {
    const { system, get, list, remove } = names
    const leaves = (value: unknown): readonly unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value]
    for (const pii of ['full', 'mask', 'strip'] as const) {
      const url = await issue(system, { methods: ['read', 'write'], pii })
      const id = await firstContact(url, list)
      const { result } = (await testbed.call(url, get, { id })).value as { result: Record<string, unknown> }
      const { changes } = (await write(url, remove, { id }, { [DRY]: true })).result as {
        changes: readonly { field: string; from: unknown }[]
      }
      expect(changes.map(({ from }) => from)).toEqual(leaves(result))
      const fields = changes.map(({ field }) => field)
      expect(fields).toContain('owner.id')
      expect(fields.includes('email_addresses[0].email')).toBe(pii !== 'strip')
      // This contact of one of the systems has values of the account's own.
      if (system === 'hubspot') expect(fields.some((field) => /^custom_fields\./.test(field))).toBe(pii === 'full')
      const email = changes.find(({ field }) => field === 'email_addresses[0].email')?.from
      if (pii === 'mask') expect(email).toMatch(/^.\*\*\*@/)
    }
    const deals = system === 'hubspot' ? 'hub_spot' : system
    const url = await issue(system)
    const id = await firstContact(url, `list_all_${deals}_opportunities`)
    const { changes } = (await write(url, `delete_a_${deals}_opportunity_by_id`, { id }, { [DRY]: true })).result
    expect(changes).toContainEqual({ field: 'stage.id', from: expect.any(String) })
  },
)

test('a dry run shows no role what it may not read', async () => {
  const masked = await issue('salesforce', { methods: ['read', 'write'], pii: 'mask' })
  const blind = await issue('salesforce', { methods: ['write'] })
  const id = await firstContact(masked, 'list_all_salesforce_contacts')
  const update = 'update_a_salesforce_contact_by_id'
  const seen = await write(masked, update, { id, email: 'new@test.example' }, { [DRY]: true })
  expect(seen.result['changes']).toEqual([
    { field: 'email', from: expect.stringMatching(/^.\*\*\*@/), to: 'new@test.example' },
  ])
  const unseen = await write(blind, update, { id, email: 'new@test.example' }, { [DRY]: true })
  expect(unseen.result['changes']).toEqual([{ field: 'email', to: 'new@test.example' }])
})

test.each(['hubspot', 'salesforce'])('a preview reads no row of %s for a URL that only counts', async (system) => {
  const methods = ['aggregate', 'update', 'delete']
  const counting = await testbed.issue(system, { methods, only: ['*_opportunit*'] })
  const reserved = await testbed.issue(system, { methods, only: ['*_opportunit*'], approve: ['write'] })
  const reading = await testbed.issue(system, { methods: ['search', ...methods], only: ['*_opportunit*'] })
  const named = async (url: string, start: string) =>
    (await testbed.rpc(url, 'tools/list')).body.result?.tools?.find(({ name }) => name.startsWith(start))?.name ?? ''
  expect(await named(counting.url, 'summarize_')).not.toBe('')
  const id = await firstContact(reading.url, await named(reading.url, 'search_'))
  const [remove, update] = [await named(reading.url, 'delete_'), await named(reading.url, 'update_')]
  testbed.control(system).resetCounters()
  const gone = await write(counting.url, remove, { id }, { [DRY]: true })
  expect(gone.result['changes']).toEqual([])
  const changed = await write(counting.url, update, { id, name: 'Another' }, { [DRY]: true })
  expect(changed.result['changes']).toEqual([{ field: 'name', to: 'Another' }])
  expect((await write(reserved.url, remove, { id })).error.approval?.changes).toEqual([])
  expect(testbed.control(system).counters().requests).toEqual({})
  // The control: who may search is shown the record.
  const seen = await write(reading.url, remove, { id }, { [DRY]: true })
  expect(seen.result['changes']).toContainEqual({ field: 'name', from: expect.any(String) })
})

test('who decides at the server sees what they decide, as the URL would, and nobody else does', async () => {
  const config: McpServerConfigInput = {
    methods: ['read', 'write'],
    approve: ['write'],
    approved_by: 'token',
    pii: 'mask',
  }
  const url = await issue('hubspot', config)
  const id = await firstContact(url, 'list_all_hub_spot_contacts')
  const args = { id, email: 'approve-me@test.example' }
  const { error } = await write(url, 'update_a_hub_spot_contact_by_id', args)
  const { handle = '', action, changes } = error.approval ?? {}
  const token = async (tenant: string, scope: string) =>
    ((await testbed.admin('POST', '/api-token', { tenant, name: 'n', scopes: [scope] })).body as { token: string })
      .token
  const see = async (by: string) => testbed.admin('GET', `/approval/${handle}`, undefined, by)
  const approver = await token('acme', 'approve')
  expect((await see(approver)).body).toMatchObject({ action, changes })
  expect(changes).toEqual([{ field: 'email', from: expect.stringMatching(/^.\*\*\*@/), to: 'approve-me@test.example' }])
  expect((await see(await token('globex', 'approve'))).status).toBe(404)
  expect((await see(await token('acme', 'runtime'))).status).toBe(403)
  // Once decided, it is kept no longer; the answer to the decision says it a last time.
  const decided = await testbed.admin('POST', `/approval/${handle}`, { decision: 'refused' }, approver)
  expect(decided.body).toMatchObject({ decision: 'refused', action, changes })
  expect((await see(approver)).body).toMatchObject({ decision: 'refused', action: null, changes: null })
})
