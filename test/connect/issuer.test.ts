import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { type Case, exchanges, expectRefused } from './refused.ts'
import { begun } from './trip.ts'

let testbed: ConnectTestbed
let issuer: string
beforeAll(async () => {
  testbed = await openConnectTestbed({
    change: (connector) => ({ ...connector, auth: { ...connector.auth, issuer: 'https://issuer.example' } }),
  })
  // In a sandbox its address stands in for the issuer's, as for every host of the system.
  issuer = `${testbed.sandboxUrl}/acme/hubspot`
})
afterAll(() => testbed.close())

const answered = async (...iss: string[]) => {
  const trip = await begun(testbed)
  const code = await trip.code()
  return trip.back(
    new URLSearchParams([['state', trip.state], ['code', code], ...iss.map((each) => ['iss', each])] as [
      string,
      string,
    ][]),
  )
}

const wrong: readonly Case[] = [
  ['it is missing', 400, () => answered()],
  ['it is empty', 400, () => answered('')],
  ['it is another', 400, () => answered('https://evil.example')],
  ['it has a slash more', 400, () => answered(`${issuer}/`)],
  ['it has a letter less', 400, () => answered(issuer.slice(0, -1))],
  ['it is written in capitals', 400, () => answered(issuer.toUpperCase())],
  ["it is the other system's", 400, () => answered(issuer.replace('hubspot', 'salesforce'))],
  ['it stands twice, once right', 400, () => answered(issuer, 'https://evil.example')],
]

test.each(wrong)('a system that declares its issuer is not believed when %s', async (_name, status, run) => {
  const sent = exchanges(testbed)
  await expectRefused(testbed, status, run)
  expect(exchanges(testbed)).toBe(sent)
  expect(testbed.kept()).toMatchObject({ accounts: 0, secrets: 0 })
})

test('a system that declares its issuer is believed when it says exactly that', async () => {
  expect((await answered(issuer)).status).toBe(303)
})
