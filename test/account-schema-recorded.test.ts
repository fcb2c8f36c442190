/**
 * @module
 * Asking a system which fields an account has leaves a trace like any request: nothing is asked while nothing can be
 * recorded, and a call asks about its own resource only.
 */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { expect, onTestFinished, test } from 'vitest'

const all = { methods: ['read', 'write'] }

async function opened() {
  const testbed = await openTestbed({ quotaShare: false })
  onTestFinished(() => testbed.close())
  const asked = (system: string) => {
    const { requests, tokenCalls } = testbed.control(system).counters()
    return { ...requests, ...tokenCalls }
  }
  return { testbed, asked }
}

/** Every write to the audit fails until the result is called. */
function breakAudit({ server }: Testbed): () => void {
  const store = server.store.audit as { transaction: typeof server.store.audit.transaction }
  const { transaction } = store
  store.transaction = async () => {
    throw new Error('disk full')
  }
  return () => {
    store.transaction = transaction
  }
}

/** Whether an account's custom field is an argument of a tool. */
const isShaped = (list: string): boolean => list.includes('"custom_renewal_risk":')

async function rows(testbed: Testbed): Promise<readonly Record<string, unknown>[]> {
  const { body } = await testbed.admin('GET', '/audit?tenant=acme&limit=1000')
  return (body as { readonly result: readonly Record<string, unknown>[] }).result
}

test.each([
  ['hubspot', 'create_a_hub_spot_contact', { email: 'jane@acme.com' }],
  ['salesforce', 'update_a_salesforce_opportunity_by_id', { id: '1', name: 'x' }],
])('%s is asked nothing while nothing can be recorded, and everything after', async (system, name, args) => {
  const { testbed, asked } = await opened()
  const { url } = await testbed.issue(system, all)
  const { url: other } = await testbed.issue(system, { methods: ['create', 'search'] })
  const before = asked(system)
  const mend = breakAudit(testbed)
  const { value } = await testbed.call(url, name, args)
  expect(value['error']).toMatchObject({ code: 'audit_unavailable' })
  for (const each of [url, other]) {
    const listed = await testbed.rpc(each, 'tools/list')
    expect(listed.body.result?.tools?.length).toBeGreaterThan(5)
    expect(isShaped(listed.text)).toBe(false)
  }
  const plain = await fetch(`${url}/tools`, { headers: { authorization: `Bearer ${testbed.server.adminToken}` } })
  expect([plain.status, isShaped(await plain.text())]).toEqual([200, false])
  expect((await testbed.admin('GET', `/integrated-account/${testbed.accounts[system]}/tools`)).status).toBe(200)
  expect(asked(system)).toEqual(before)
  mend()
  expect(isShaped((await testbed.rpc(url, 'tools/list')).text)).toBe(true)
  expect(asked(system)).not.toEqual(before)
  const trace = (await rows(testbed)).filter(({ tool }) => tool === 'account.fields_asked')
  expect(trace).toMatchObject([{ account_id: testbed.accounts[system], outcome: 'ok' }])
})

test.each([
  ['hubspot', 'create_a_hub_spot_contact', { email: 'jane@acme.com', first_name: 'J', last_name: 'D' }],
  ['salesforce', 'create_a_salesforce_contact', { last_name: 'Doe' }],
])('a call on %s asks about its own resource, and leaves an intent before it does', async (system, name, args) => {
  const { testbed, asked } = await opened()
  const { url, id } = await testbed.issue(system, all)
  const before = asked(system)
  const { answer } = await testbed.call(url, name, args)
  expect(answer.body.result?.isError).toBeUndefined()
  const more = Object.entries(asked(system)).filter(([what, n]) => /^GET/.test(what) && n !== before[what])
  expect(more.map(([, n]) => n)).toEqual([1])
  const own = (await rows(testbed)).filter(({ server_id: server, tool }) => server === id && tool === name)
  expect(own.filter(({ phase }) => phase === 'intent').length).toBeGreaterThan(0)
  expect(own.filter(({ phase }) => phase === 'outcome')).toHaveLength(1)
})
