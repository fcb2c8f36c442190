/**
 * @module
 * Asking a system which fields an account has leaves a trace like any request: nothing is asked while nothing can be
 * recorded, and a call asks about its own resource only.
 */
import { expect, onTestFinished, test } from 'vitest'
import { type House, openHouse } from './house.ts'

const all = { methods: ['read', 'write'] }

async function opened() {
  const house = await openHouse({ quotaShare: false })
  onTestFinished(() => house.close())
  const asked = (system: string) => {
    const { requests, tokenCalls } = house.control(system).counters()
    return { ...requests, ...tokenCalls }
  }
  return { house, asked }
}

/** Every write to the audit fails until the result is called. */
function breakAudit({ server }: House): () => void {
  const store = server.store.audit as { turn: typeof server.store.audit.turn }
  const { turn } = store
  store.turn = async () => {
    throw new Error('disk full')
  }
  return () => {
    store.turn = turn
  }
}

/** Whether an account's custom field is an argument of a tool. */
const isShaped = (list: string): boolean => list.includes('"custom_renewal_risk":')

async function rows(house: House): Promise<readonly Record<string, unknown>[]> {
  const { body } = await house.admin('GET', '/audit?tenant=acme&limit=1000')
  return (body as { readonly result: readonly Record<string, unknown>[] }).result
}

test.each([
  ['hubspot', 'create_a_hub_spot_contact', { email: 'jane@acme.com' }],
  ['salesforce', 'update_a_salesforce_opportunity_by_id', { id: '1', name: 'x' }],
])('%s is asked nothing while nothing can be recorded, and everything after', async (system, name, args) => {
  const { house, asked } = await opened()
  const { url } = await house.issue(system, all)
  const { url: other } = await house.issue(system, { methods: ['create', 'search'] })
  const before = asked(system)
  const mend = breakAudit(house)
  const { value } = await house.call(url, name, args)
  expect(value['error']).toMatchObject({ code: 'audit_unavailable' })
  for (const each of [url, other]) {
    const listed = await house.rpc(each, 'tools/list')
    expect(listed.body.result?.tools?.length).toBeGreaterThan(5)
    expect(isShaped(listed.text)).toBe(false)
  }
  const plain = await fetch(`${url}/tools`, { headers: { authorization: `Bearer ${house.server.adminToken}` } })
  expect([plain.status, isShaped(await plain.text())]).toEqual([200, false])
  expect((await house.admin('GET', `/integrated-account/${house.accounts[system]}/tools`)).status).toBe(200)
  expect(asked(system)).toEqual(before)
  mend()
  expect(isShaped((await house.rpc(url, 'tools/list')).text)).toBe(true)
  expect(asked(system)).not.toEqual(before)
  const trace = (await rows(house)).filter(({ tool }) => tool === 'account.fields_asked')
  expect(trace).toMatchObject([{ account_id: house.accounts[system], outcome: 'ok' }])
})

test.each([
  ['hubspot', 'create_a_hub_spot_contact', { email: 'jane@acme.com', first_name: 'J', last_name: 'D' }],
  ['salesforce', 'create_a_salesforce_contact', { last_name: 'Doe' }],
])('a call on %s asks about its own resource, and leaves an intent before it does', async (system, name, args) => {
  const { house, asked } = await opened()
  const { url, id } = await house.issue(system, all)
  const before = asked(system)
  const { answer } = await house.call(url, name, args)
  expect(answer.body.result?.isError).toBeUndefined()
  const more = Object.entries(asked(system)).filter(([what, n]) => /^GET/.test(what) && n !== before[what])
  expect(more.map(([, n]) => n)).toEqual([1])
  const own = (await rows(house)).filter(({ server_id: server, tool }) => server === id && tool === name)
  expect(own.filter(({ phase }) => phase === 'intent').length).toBeGreaterThan(0)
  expect(own.filter(({ phase }) => phase === 'outcome')).toHaveLength(1)
})
