import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, formTokenOf } from './browser.ts'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { expectRefused } from './refused.ts'
import { begun, globexTrip, honest } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(() => testbed.close())

/** An account of `globex`, connected through the pages by the honest answers. */
async function connected(system: 'hubspot' | 'salesforce'): Promise<string> {
  const { token, identity } = honest(testbed, system)
  testbed.hostile.answer = (path) => ({ body: JSON.stringify(/\/token$/.test(path) ? token : identity) })
  const trip = await begun(testbed, system, { tenant: 'globex' })
  const back = await trip.back({ state: trip.state, code: 'c' })
  const page = await trip.browser.get(back.location!)
  const done = await trip.browser.post(back.location!, { form_token: formTokenOf(page.text), decision: 'confirm' })
  expect(done.status).toBe(200)
  return ((await testbed.api('GET', `/connect-session/${trip.made.id}`)).body as { account: string }).account
}

test.each(['hubspot', 'salesforce'] as const)(
  '%s: another user or organisation is refused and the old grant stays',
  async (system) => {
    const account = await connected(system)
    const again = (identity: object) => (): Promise<Answer> => globexTrip(testbed, system, { identity }, { account })
    const [org, user] = system === 'hubspot' ? ['hub_id', 'user_id'] : ['organization_id', 'user_id']
    await expectRefused(testbed, 409, again({ [org!]: '00D2' }))
    await expectRefused(testbed, 409, again({ [user!]: '0052' }))
    await expectRefused(testbed, 409, again({ [org!]: '00D2', [user!]: '0052' }))
    await expectRefused(testbed, 409, again({ [org!]: `${system === 'hubspot' ? 77 : '00D1'} ` }))
    expect((await again({})()).status).toBe(303)
    expect((await testbed.api('GET', `/integrated-account/${account}`)).body).toMatchObject({ status: 'active' })
  },
)

test('an account that is removed while the person confirms stays removed', async () => {
  const account = await connected('hubspot')
  const trip = await begun(testbed, 'hubspot', { tenant: 'globex', account })
  const back = await trip.back({ state: trip.state, code: 'c' })
  const page = await trip.browser.get(back.location!)
  await testbed.api('DELETE', `/integrated-account/${account}`)
  await expectRefused(testbed, 409, () =>
    trip.browser.post(back.location!, { form_token: formTokenOf(page.text), decision: 'confirm' }),
  )
  expect((await testbed.api('GET', `/integrated-account/${account}`)).body).toMatchObject({ status: 'disconnected' })
})

test('an account that was brought in without a browser can be connected again only at its own host', async () => {
  const { token } = honest(testbed, 'salesforce')
  const brought = await testbed.api('POST', '/integrated-account', {
    tenant: 'globex',
    system: 'salesforce',
    grant: token,
  })
  const { id } = brought.body as { id: string }
  const back = await globexTrip(testbed, 'salesforce', {}, { account: id })
  expect(back.status).toBe(303)
  await testbed.store.connections.setIdentity(id, { orgId: '00D1', userId: '0051', org: 'globex' })
  await expectRefused(testbed, 409, () =>
    globexTrip(testbed, 'salesforce', { identity: { organization_id: '00D9' } }, { account: id }),
  )
})

test('a refresh of the old grant that ends after the reconnect stores nothing', async () => {
  const account = await connected('hubspot')
  const state = await testbed.store.accounts.state(account)
  const lease = { owner: 'another:1:1:abc', until: testbed.clock.now() + 10_000 }
  await testbed.store.accounts.lease(account, state!.ver, lease, testbed.clock.now())
  const trip = await begun(testbed, 'hubspot', { tenant: 'globex', account })
  const back = await trip.back({ state: trip.state, code: 'c' })
  const page = await trip.browser.get(back.location!)
  await trip.browser.post(back.location!, { form_token: formTokenOf(page.text), decision: 'confirm' })
  const kept = testbed.kept()
  const late = { grant: { kid: 1, sealed: Buffer.from('late'), ver: state!.ver + 1 }, times: state!.times }
  expect(await testbed.store.accounts.complete(account, lease.owner, state!.ver, late)).toBe(false)
  expect(testbed.kept()).toEqual(kept)
})

test('a reconnect that saw an older grant replaces nothing', async () => {
  const account = await connected('hubspot')
  const state = await testbed.store.accounts.state(account)
  const kept = testbed.kept()
  const { apiBase } = state!.account
  const next = {
    account: { id: account, scopes: undefined, apiBase },
    grant: { kid: 1, sealed: Buffer.from('late'), ver: state!.ver },
    times: state!.times,
    at: 1,
  }
  expect(await testbed.store.connections.replaceGrant(state!.ver - 1, next)).toBe(false)
  expect(testbed.kept()).toEqual(kept)
})
