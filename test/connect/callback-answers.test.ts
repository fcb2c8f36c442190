import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { type Case, changed, exchanges, expectRefused, MINUTE } from './refused.ts'
import { begun } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(async () => {
  expect(testbed.kept()).toMatchObject({ accounts: 0, secrets: 0 })
  await testbed.close()
})

const beforeAnyExchange: readonly Case[] = [
  ['the state is missing', 400, async () => (await begun(testbed)).back({ code: 'c' })],
  ['the state is empty', 400, async () => (await begun(testbed)).back({ code: 'c', state: '' })],
  [
    'the state has one letter changed',
    400,
    async () => {
      const trip = await begun(testbed)
      return trip.back({ code: await trip.code(), state: changed(trip.state, 5) })
    },
  ],
  [
    'the state stands twice',
    400,
    async () => {
      const trip = await begun(testbed)
      const [first, second] = [
        ['state', trip.state],
        ['state', trip.state],
      ] as [string, string][]
      return trip.back(new URLSearchParams([['code', 'c'], first!, second!]))
    },
  ],
  [
    'the state is eleven minutes old',
    400,
    async () => {
      const trip = await begun(testbed)
      const code = await trip.code()
      testbed.clock.at += 11 * MINUTE
      return trip.back({ code, state: trip.state })
    },
  ],
  [
    'the state was replaced when the button was pressed again',
    400,
    async () => {
      const trip = await begun(testbed)
      const code = await trip.code()
      await testbed.begin(trip.browser, trip.made.url)
      return trip.back({ code, state: trip.state })
    },
  ],
  [
    'the state is of another session in another browser',
    400,
    async () => {
      const [mine, theirs] = [await begun(testbed), await begun(testbed)]
      return mine.back({ code: await theirs.code(), state: theirs.state })
    },
  ],
  [
    "the state is of another tenant's session",
    400,
    async () => {
      const [acme, globex] = [await begun(testbed), await begun(testbed, 'hubspot', { tenant: 'globex' })]
      return globex.back({ code: await acme.code(), state: acme.state })
    },
  ],
  [
    'the state comes back at the callback of another system',
    400,
    async () => {
      const trip = await begun(testbed)
      return trip.back({ code: await trip.code(), state: trip.state }, 'salesforce')
    },
  ],
  [
    'the callback is of a system that does not exist',
    400,
    async () => {
      const trip = await begun(testbed)
      return trip.back({ code: await trip.code(), state: trip.state }, 'nosuch')
    },
  ],
  [
    'the link token is sent as the state',
    400,
    async () => {
      const trip = await begun(testbed)
      return trip.back({ code: await trip.code(), state: trip.made.url.slice(-28) })
    },
  ],
  [
    'there is no cookie',
    400,
    async () => {
      const trip = await begun(testbed)
      return trip.back({ code: await trip.code(), state: trip.state }, 'hubspot', testbed.browser())
    },
  ],
  [
    'the cookie is of another browser',
    400,
    async () => {
      const trip = await begun(testbed)
      const other = testbed.browser()
      await other.get((await testbed.session('hubspot')).url)
      return trip.back({ code: await trip.code(), state: trip.state }, 'hubspot', other)
    },
  ],
  [
    'the cookie has expired',
    400,
    async () => {
      const trip = await begun(testbed)
      const [[name, cookie] = ['', undefined]] = [...trip.browser.cookies]
      trip.browser.cookies.set(name, { ...cookie!, until: testbed.clock.now() })
      return trip.back({ code: await trip.code(), state: trip.state })
    },
  ],
  [
    'the cookie was changed',
    400,
    async () => {
      const trip = await begun(testbed)
      const [[name, cookie] = ['', undefined]] = [...trip.browser.cookies]
      trip.browser.cookies.set(name, { ...cookie!, value: changed(cookie!.value, 3) })
      return trip.back({ code: await trip.code(), state: trip.state })
    },
  ],
  [
    'the cookie comes under the name for https',
    400,
    async () => {
      const trip = await begun(testbed)
      const [cookie] = [...trip.browser.cookies.values()]
      trip.browser.cookies.clear()
      trip.browser.cookies.set('__Host-qm-connect', { ...cookie!, attributes: '' })
      return trip.back({ code: await trip.code(), state: trip.state })
    },
  ],
  ['the code is missing', 400, async () => begun(testbed).then((trip) => trip.back({ state: trip.state }))],
  ['the code is empty', 400, async () => begun(testbed).then((trip) => trip.back({ state: trip.state, code: '' }))],
  [
    'the code stands twice',
    400,
    async () => {
      const trip = await begun(testbed)
      return trip.back(new URLSearchParams(`state=${trip.state}&code=${await trip.code()}&code=x`))
    },
  ],
  [
    'the code holds a line break',
    400,
    async () => begun(testbed).then((trip) => trip.back({ state: trip.state, code: 'a\r\nb' })),
  ],
  [
    'the code is longer than any code',
    400,
    async () => begun(testbed).then((trip) => trip.back({ state: trip.state, code: 'x'.repeat(3_000) })),
  ],
  [
    'consent is denied at the system',
    403,
    async () => {
      const trip = await begun(testbed)
      const denied = await trip.browser.post(trip.authorize.href, { decision: 'deny' })
      return trip.browser.get(denied.location!)
    },
  ],
  [
    'the system answers with an error and a code',
    502,
    async () => begun(testbed).then((trip) => trip.back({ state: trip.state, code: 'c', error: 'server_error' })),
  ],
  [
    'the system answers with markup as the error',
    502,
    async () => begun(testbed).then((trip) => trip.back({ state: trip.state, error: '<script>alert(1)</script>' })),
  ],
]

test.each(beforeAnyExchange)(
  'nothing is connected and no code is sent anywhere when %s',
  async (_name, status, run) => {
    const sent = exchanges(testbed)
    await expectRefused(testbed, status, run)
    expect(exchanges(testbed)).toBe(sent)
  },
)
