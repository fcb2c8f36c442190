import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { type Case, exchanges, expectRefused } from './refused.ts'
import { begun } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(async () => {
  expect(testbed.kept()).toMatchObject({ accounts: 0, secrets: 0 })
  await testbed.close()
})

const atTheExchange: readonly Case[] = [
  [
    'the code was made for another challenge (an injected code)',
    502,
    async () => {
      const trip = await begun(testbed)
      const code = await trip.code((query) =>
        query.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'),
      )
      return trip.back({ state: trip.state, code })
    },
  ],
  [
    'the code was made without a challenge (a downgrade)',
    502,
    async () => {
      const trip = await begun(testbed)
      const code = await trip.code((query) => {
        query.delete('code_challenge')
        query.delete('code_challenge_method')
      })
      return trip.back({ state: trip.state, code })
    },
  ],
  [
    'the code was made for another redirect URI',
    502,
    async () => {
      const trip = await begun(testbed)
      const code = await trip.code((query) => query.set('redirect_uri', `${testbed.url}/oauth/callback/salesforce`))
      return trip.back({ state: trip.state, code })
    },
  ],
  [
    'the code is of the other system',
    502,
    async () => {
      const [trip, other] = [await begun(testbed), await begun(testbed, 'salesforce')]
      return trip.back({ state: trip.state, code: await other.code() })
    },
  ],
  [
    'the code is of another session of the same person',
    502,
    async () => {
      const one = await begun(testbed)
      const two = await begun(testbed, 'hubspot', {}, one.browser)
      return two.back({ state: two.state, code: await one.code() })
    },
  ],
  [
    'the code was redeemed before',
    502,
    async () => {
      const one = await begun(testbed)
      const code = await one.code()
      await one.back({ state: one.state, code })
      const two = await begun(testbed, 'hubspot', {}, one.browser)
      return two.back({ state: two.state, code })
    },
  ],
  [
    'the same answer comes back a second time',
    400,
    async () => {
      const trip = await begun(testbed)
      const answer = { state: trip.state, code: await trip.code() }
      expect((await trip.back(answer)).status).toBe(303)
      return trip.back(answer)
    },
  ],
]

test.each(atTheExchange)('nothing is connected when %s', (_name, status, run) => expectRefused(testbed, status, run))

test('fifty identical answers at once lead to one exchange and one review', async () => {
  const trip = await begun(testbed)
  const answer = { state: trip.state, code: await trip.code() }
  const sent = exchanges(testbed)
  const answers = await Promise.all(Array.from({ length: 50 }, () => trip.back(answer)))
  expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(49).fill(400)])
  expect(exchanges(testbed)).toBe(sent + 1)
  expect(testbed.kept()).toMatchObject({ accounts: 0, secrets: 0 })
})
