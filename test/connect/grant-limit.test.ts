import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { reviewed } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(() => testbed.close())

/** Connects through the pages; the words of the review, and the account. */
async function connect(system: string): Promise<{ page: string; account: string }> {
  const trip = await reviewed(testbed, system)
  const page = (await trip.browser.get(trip.reviewUrl)).text
  const done = await trip.browser.post(trip.reviewUrl, { form_token: trip.formToken, decision: 'confirm' })
  expect(done.status).toBe(200)
  const { body } = await testbed.api('GET', `/connect-session/${trip.made.id}`)
  return { page, account: (body as { account: string }).account }
}
const warningsOf = async (account: string) =>
  (
    (await testbed.api('GET', `/integrated-account/${account}`)).body as {
      warnings: { code: string; message: string }[]
    }
  ).warnings

test("at a system's maximum of grants the next one is warned of: on the page, in the account and in the log", async () => {
  const accounts: string[] = []
  for (let nth = 1; nth <= 5; nth++) {
    const { page, account } = await connect('salesforce')
    expect(page).not.toContain('silently end the oldest')
    accounts.push(account)
    expect(await warningsOf(account)).toHaveLength(nth < 5 ? 0 : 1)
  }
  expect(testbed.logs.filter((line) => line.includes('grants_at_limit'))).toHaveLength(1)
  expect((await warningsOf(accounts[0]!))[0]).toMatchObject({
    code: 'grants_at_limit',
    message: expect.stringMatching(/keeps 5 grants .*One more silently ends the oldest/),
  })
  expect((await connect('salesforce')).page).toContain('connecting again may silently end the oldest')

  // Removed accounts do not count, and another system has no such maximum.
  for (const account of accounts.slice(0, 2)) await testbed.api('DELETE', `/integrated-account/${account}`)
  expect(await warningsOf(accounts[4]!)).toEqual([])
  expect(await warningsOf(accounts[0]!)).toEqual([])
  for (let nth = 1; nth <= 6; nth++) expect((await connect('hubspot')).page).not.toContain('silently')
})
