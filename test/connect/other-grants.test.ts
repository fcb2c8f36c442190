import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
beforeEach(() => {
  testbed.control('salesforce').resetCounters()
  testbed.hostile.asked.length = 0
})
afterAll(() => testbed.close())

const bring = (system: string, body: object, tenant = 'acme') =>
  testbed.api('POST', '/integrated-account', { tenant, system, ...body })
const own = { client_id: 'sandbox-client', client_secret: 'sandbox-secret', host: 'acme.my.salesforce.com' }
const signing = () => ({
  client_id: 'signing-client',
  subject: testbed
    .control('salesforce')
    .records('User')!
    .map(({ values }) => String(values['Username'])),
  private_key: testbed.privateKey,
})

/** A call through a tool URL: what came of it. */
async function callTool(account: string, tool: string) {
  const issued = await testbed.api('POST', `/integrated-account/${account}/mcp`, {
    name: 't',
    config: { require_api_token_auth: false },
  })
  const response = await fetch((issued.body as { url: string }).url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: { limit: '1' } },
    }),
  })
  const { result } = (await response.json()) as { result: { isError?: boolean; content: { text: string }[] } }
  return JSON.parse(result.content[0]!.text) as { result?: unknown[]; error?: { code: string } }
}

async function signedIn(): Promise<string> {
  for (const subject of signing().subject) {
    const { status, body } = await bring('salesforce', { jwt_bearer: { ...signing(), subject } })
    if (status === 201) return (body as { id: string }).id
  }
  throw new Error('Cannot sign in: no user of the organisation is the one who runs the app')
}

test('client credentials bring in an account, and renew it when its token is refused', async () => {
  const { status, body } = await bring('salesforce', { client_credentials: own })
  expect(status).toBe(201)
  const { id } = body as { id: string }
  expect((await callTool(id, 'list_all_salesforce_contacts')).result).toHaveLength(1)
  testbed.control('salesforce').expireAccessTokens()
  expect((await callTool(id, 'list_all_salesforce_contacts')).result).toHaveLength(1)
  expect(testbed.control('salesforce').counters().tokenCalls).toEqual({ client_credentials: 2 })
})

test('a signed assertion brings in an account, and a new one renews it', async () => {
  const id = await signedIn()
  expect((await callTool(id, 'list_all_salesforce_contacts')).result).toHaveLength(1)
  const before = testbed.control('salesforce').counters().tokenCalls
  testbed.control('salesforce').expireAccessTokens()
  expect((await callTool(id, 'list_all_salesforce_contacts')).result).toHaveLength(1)
  const [grantType] = Object.keys(before)
  expect(grantType).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
  const after = testbed.control('salesforce').counters().tokenCalls
  expect(after[grantType!]).toBe(before[grantType!]! + 1)
})

test('a static token works until it is refused, and then its account needs its user', async () => {
  const { accessToken } = testbed.control('hubspot').signIn({ scope: 'crm.objects.contacts.read' })
  const { status, body } = await bring('hubspot', { static_token: { token: accessToken } })
  expect(status).toBe(201)
  const { id } = body as { id: string }
  expect((await callTool(id, 'list_all_hub_spot_contacts')).result).toHaveLength(1)
  testbed.control('hubspot').resetCounters()
  testbed.control('hubspot').revokeGrants()
  expect((await callTool(id, 'list_all_hub_spot_contacts')).error?.code).toBe('needs_reauth')
  const shown = await testbed.api('GET', `/integrated-account/${id}`)
  expect(shown.body).toMatchObject({ status: 'needs_reauth', reason: 'token_refused' })
  expect(testbed.control('hubspot').counters().tokenCalls).toEqual({})
})

test('what a system does not take, or refuses, is not kept', async () => {
  const { privateKey: foreign } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { privateKey: small } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const { privateKey: curve } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = (key: typeof foreign) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const jwt = { ...signing(), subject: signing().subject[0] }
  const tries: [string, object][] = [
    ['hubspot', { client_credentials: own }],
    ['hubspot', { jwt_bearer: jwt }],
    ['salesforce', { static_token: { token: 't' } }],
    ['salesforce', {}],
    ['salesforce', { client_credentials: own, static_token: { token: 't' } }],
    ['salesforce', { client_credentials: { ...own, client_secret: 'wrong' } }],
    ['salesforce', { client_credentials: { ...own, client_id: 'nobody' } }],
    ['salesforce', { client_credentials: { ...own, token_url: 'https://evil.example' } }],
    ...[
      'evil.example',
      'acme.my.salesforce.com.evil.example',
      'my.salesforce.com',
      'evil.example/.my.salesforce.com',
      'evil.example#.my.salesforce.com',
      'evil.example?.my.salesforce.com',
      'user@acme.my.salesforce.com',
      'acme.my.salesforce.com:8443',
      'https://acme.my.salesforce.com',
      'acme.my.salesforce.com/',
      'evil.example\\.my.salesforce.com',
      '.my.salesforce.com',
      'ACME.MY.SALESFORCE.COM',
      '127.0.0.1',
    ].map((host): [string, object] => ['salesforce', { client_credentials: { ...own, host } }]),
    ['salesforce', { jwt_bearer: { ...jwt, private_key: pem(foreign) } }],
    ['salesforce', { jwt_bearer: { ...jwt, private_key: pem(small) } }],
    ['salesforce', { jwt_bearer: { ...jwt, private_key: pem(curve) } }],
    ['salesforce', { jwt_bearer: { ...jwt, private_key: 'no key' } }],
    ['salesforce', { jwt_bearer: { ...jwt, subject: 'nobody@nowhere.example' } }],
    ['salesforce', { jwt_bearer: { ...jwt, client_id: 'sandbox-client' } }],
  ]
  const before = testbed.kept()
  for (const [system, body] of tries) {
    const { status, body: problem } = await bring(system, body)
    expect([system, body, status]).toEqual([system, body, 400])
    expect(JSON.stringify(problem)).not.toMatch(/PRIVATE KEY|sandbox-secret|evil/)
  }
  testbed.hostile.answer = () => ({ status: 200, body: '<html>' })
  expect((await bring('salesforce', { client_credentials: own }, 'globex')).status).toBe(503)
  testbed.hostile.answer = () => ({ body: JSON.stringify({ access_token: 'a', instance_url: 'https://evil.example' }) })
  expect((await bring('salesforce', { client_credentials: own }, 'globex')).status).toBe(400)
  expect(testbed.kept()).toEqual(before)
})
