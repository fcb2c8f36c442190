import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { type Case, expectRefused } from './refused.ts'
import { globexTrip, type Reply } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(async () => {
  expect(testbed.kept()).toMatchObject({ accounts: 0, secrets: 0 })
  await testbed.close()
})

const text = (body: string, more: Partial<Reply> = {}): Reply => ({ body, ...more })
const hub = (bend: object) => () => globexTrip(testbed, 'hubspot', bend)
const force = (bend: object) => () => globexTrip(testbed, 'salesforce', bend)

const whatTheAuthoritySays: readonly Case[] = [
  ['the authority answers a page', 502, hub({ token: text('<html>Welcome</html>', { type: 'text/html' }) })],
  ['the authority answers garbage', 502, hub({ token: text('\u0000{"access_token"') })],
  ['the authority answers 200 without a token', 502, hub({ token: text('{"token_type":"bearer"}') })],
  ['the authority answers 200 with an error', 502, hub({ token: text('{"error":"invalid_grant"}') })],
  ['the authority answers an empty token', 502, hub({ token: { access_token: '' } })],
  ['the authority answers a token that is no text', 502, hub({ token: { access_token: { $ne: 1 } } })],
  ['the authority answers 500', 502, hub({ token: text('', { status: 500 }) })],
  ['the authority redirects', 502, hub({ token: text('{}', { status: 302 }) })],
  ['the authority grants less than is needed', 403, hub({ token: { scopes: ['oauth', 'crm.objects.contacts.read'] } })],
  ['the authority grants nothing', 403, force({ token: { scope: '' } })],
  ['the grant has no refresh scope', 403, force({ token: { scope: 'api' } })],
  ['the grant leads to a foreign host', 502, force({ token: { instance_url: 'https://evil.example' } })],
  [
    'the grant leads to a host that looks alike',
    502,
    () => force({ token: { instance_url: `${testbed.hostile.url}/globex/salesforce.evil.example` } })(),
  ],
  ['the grant leads into the network', 502, force({ token: { instance_url: 'http://169.254.169.254' } })],
  ['the grant leads nowhere', 502, force({ token: { instance_url: undefined } })],
  ['whom to ask is a foreign host', 502, force({ token: { id: 'https://evil.example/id/00D1/0051' } })],
  ['whom to ask is a host that looks alike', 502, () => force({ token: { id: `${testbed.hostile.url}/globex/x` } })()],
  ['whom to ask is no URL', 502, force({ token: { id: 'javascript:alert(1)' } })],
  ['nobody is named', 502, hub({ identity: text('{"active":true}') })],
  ['the identity is a page', 502, hub({ identity: text('<html></html>', { type: 'text/html' }) })],
  ['the identity is refused', 502, force({ identity: text('Bad_OAuth_Token', { status: 403 }) })],
  ['the token is not active', 502, hub({ identity: { active: false } })],
  ['the identity is an object', 502, hub({ identity: { hub_id: { a: 1 } } })],
]

test.each(whatTheAuthoritySays)('nothing is connected when %s', (_name, status, run) =>
  expectRefused(testbed, status, run),
)

test('a token goes to no foreign host: the authority that was bent was asked for the token, and nobody else', async () => {
  testbed.hostile.asked.length = 0
  await globexTrip(testbed, 'salesforce', { token: { id: `${testbed.hostile.url}/elsewhere/id/00D1/0051` } })
  expect(testbed.hostile.asked.map(({ path }) => path)).toEqual(['/globex/salesforce/services/oauth2/token'])
})

test('the same authority, when it is honest, comes to the review', async () => {
  for (const system of ['hubspot', 'salesforce'] as const) {
    expect([system, (await globexTrip(testbed, system)).status]).toEqual([system, 303])
  }
})
