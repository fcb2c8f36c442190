import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Connector } from '@quartermaster/connectors'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type Browser, formTokenOf } from './browser.ts'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { begun } from './trip.ts'

/** A system whose authority somebody else has written. */
const connector: Connector = {
  id: 'independent',
  label: 'Independent',
  auth: {
    authorizeUrl: 'https://op.example/auth',
    tokenUrl: 'https://op.example/token',
    revokeUrl: 'https://op.example/token/revocation',
    issuer: 'https://op.example',
    pages: [],
    scopes: { required: ['openid', 'crm.read'], optional: ['crm.write'] },
    scopeReasons: new Map([['crm.read', 'Reads records.']]),
    grantedScopes: 'scope',
    defaultExpiresInS: 600,
    keep: [],
    identity: {
      ask: 'bearer',
      url: 'https://op.example/me',
      read: async (body) => {
        const { sub } = body as { sub: string }
        return { userId: sub, user: sub, orgId: 'op', org: 'op.example' }
      },
    },
    otherGrants: {},
    tokenErrors: [],
  },
  api: { base: 'https://api.op.example', hosts: ['api.op.example'] },
  quotas: [],
  methods: [],
}

let testbed: ConnectTestbed
let server: Server
let authority: string
beforeAll(async () => {
  server = createServer((incoming, outgoing) => void handle?.(incoming, outgoing))
  let handle: ReturnType<Provider['callback']> | undefined
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  testbed = await openConnectTestbed({ another: { connector, base: () => authority } })
  const provider = new Provider(authority, {
    clients: [
      {
        client_id: 'sandbox-client',
        client_secret: 'sandbox-secret',
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${testbed.url}/oauth/callback/independent`],
      },
    ],
    scopes: ['openid', 'crm.read', 'crm.write'],
    pkce: { required: () => true },
    features: { revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, RefreshToken: 600, IdToken: 600 },
    cookies: { keys: ['a key of this test'] },
  })
  handle = provider.callback()
})
afterAll(async () => {
  await testbed.close()
  server.closeAllConnections()
  server.close()
})

/** Follows the authority's pages: signs in as `login` and agrees to what is asked, until it leads back to the server. */
async function throughItsPages(browser: Browser, start: string, login: string): Promise<string> {
  let answer: Answer = await browser.get(start)
  for (let step = 0; step < 20; step++) {
    if (answer.location?.startsWith(testbed.url)) return answer.location
    if (answer.location !== undefined) {
      answer = await browser.get(answer.location)
      continue
    }
    const action = /action="([^"]+)"/.exec(answer.text)?.[1]
    const prompt = /name="prompt" value="([^"]+)"/.exec(answer.text)?.[1]
    if (action === undefined || prompt === undefined) break
    const form: Record<string, string> = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }
    answer = await browser.post(action, form)
  }
  throw new Error(`Cannot come back from the authority: ${answer.status} ${answer.text.slice(0, 500)}`)
}

async function connect(login: string, more: Readonly<Record<string, unknown>> = {}) {
  const trip = await begun(testbed, 'independent', more)
  const back = await throughItsPages(trip.browser, trip.authorize.href, login)
  return { trip, back, answer: await trip.browser.get(back) }
}

test('an authority of independent make: connect, see who, confirm, refresh, and no one else again', async () => {
  const { trip, back, answer } = await connect('jane', { scopes: ['crm.write'] })
  expect(new URL(back).searchParams.get('iss')).toBe(authority)
  expect(answer.status).toBe(303)
  const page = await trip.browser.get(answer.location!)
  expect(page.text).toContain('You are connecting op.example as jane')
  expect(testbed.kept().accounts).toBe(0)
  const done = await trip.browser.post(answer.location!, { form_token: formTokenOf(page.text), decision: 'confirm' })
  expect(done.status).toBe(200)
  const { account } = (await testbed.api('GET', `/connect-session/${trip.made.id}`)).body as { account: string }
  const shown = await testbed.api('GET', `/integrated-account/${account}`)
  expect(shown.body).toMatchObject({ status: 'active', scopes: ['openid', 'crm.read', 'crm.write'] })
  for (let i = 0; i < 3; i++) {
    const refreshed = await testbed.api('POST', `/integrated-account/${account}/refresh`)
    expect(refreshed.body).toMatchObject({ status: 'active' })
  }
  const kept = testbed.kept()
  expect((await connect('john', { account })).answer.status).toBe(409)
  expect(testbed.kept()).toEqual(kept)
  expect((await connect('jane', { account })).answer.status).toBe(303)
})

test('an authority of independent make refuses a second use of a code, and nothing is kept', async () => {
  const kept = testbed.kept()
  const { trip, back } = await connect('jane')
  const code = new URL(back).searchParams.get('code') ?? ''
  const second = await begun(testbed, 'independent', {}, trip.browser)
  const replayed = await second.back({ code, state: second.state, iss: authority })
  expect(replayed.status).toBe(502)
  expect(testbed.kept()).toEqual(kept)
})
