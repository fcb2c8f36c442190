import { loadCatalog } from '@quartermaster/connectors'
import { mcpServerConfig } from '@quartermaster/protocol'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleAccount, sampleGrant, sampleTimes } from '../test/store/samples.ts'
import { issueApiToken } from './admin/issue-api-token.ts'
import { issueMcpServer } from './admin/issue-mcp-server.ts'
import { type AppDeps, httpRoutes } from './app.ts'
import { type ApiScope, apiScopes } from './entities/api-token.ts'
import { newKey, parseKeyRing } from './keys/key-ring.ts'
import { createQuartermaster, type Quartermaster } from './server.ts'
import { openStore, type Store } from './store/open.ts'

const ORIGIN = 'http://127.0.0.1:4700'
const TENANTS = ['acme', 'globex', 'initech'] as const
/** Which scope each administrative path asks for. A new path fails here until somebody has decided. */
const scopeOf: Readonly<Record<string, ApiScope>> = {
  'integrated-account': 'admin',
  'mcp-server': 'admin',
  'api-token': 'admin',
  'webhook-endpoint': 'admin',
  'connect-session': 'admin',
  tenant: 'admin',
  audit: 'audit',
  approval: 'approve',
}
/** What is opened by something else than a tenant's API token: a URL token, a link, a state, nothing; an operator's. */
const open = ['*', 'healthz', 'readyz', 'mcp', 'connect', 'oauth', 'metrics']

let store: Store
let house: Quartermaster
beforeAll(async () => {
  store = await openStore()
  house = await createQuartermaster({
    store,
    ring: parseKeyRing(newKey(1)),
    catalog: loadCatalog(),
    app: () => ({ clientId: 'id', clientSecret: 'secret' }),
    publicUrl: () => ORIGIN,
    log: pino({ level: 'silent' }),
    background: false,
  })
})
afterAll(() => house.close())

const ask = (method: string, path: string, token?: string, body?: unknown) =>
  house.fetch(
    new Request(ORIGIN + path, {
      method,
      headers: {
        host: '127.0.0.1:4700',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    }),
  )
const token = async (tenant: string | undefined, scopes: readonly ApiScope[]) =>
  (await issueApiToken(store.apiTokens, { tenant, name: 'test', scopes }, 1)).secret

/** Every method and path that the router knows; its parts are not used for that. */
function endpoints() {
  const parts = { store, catalog: new Map(), now: () => 0 } as unknown as AppDeps
  const all = httpRoutes(parts).routes.map(({ method, path }) => ({ method: method === 'ALL' ? 'POST' : method, path }))
  return [...new Map(all.map((one) => [`${one.method} ${one.path}`, one])).values()]
}

test('every endpoint of the router asks for exactly one scope, and each other scope gets 403 and no token 401', async () => {
  const tokens = await Promise.all(apiScopes.map(async (scope) => ({ scope, secret: await token('acme', [scope]) })))
  const asked: string[] = []
  for (const { method, path } of endpoints()) {
    const [, first = ''] = path.split('/')
    if (open.includes(first)) continue
    const needed = scopeOf[first]
    expect([path, needed]).not.toEqual([path, undefined])
    const real = path.replace(':tenant', 'acme').replaceAll(/:\w+/g, 'none')
    expect([method, path, (await ask(method, real)).status]).toEqual([method, path, 401])
    for (const { scope, secret } of tokens) {
      // A tenant that revokes everything would revoke the tokens of this test.
      const body = first === 'tenant' ? { what: 'nothing' } : {}
      const { status } = await ask(method, real, secret, body)
      if (scope === needed)
        expect([method, path, scope, status === 401 || status === 403]).toEqual([method, path, scope, false])
      else expect([method, path, scope, status]).toEqual([method, path, scope, 403])
    }
    asked.push(`${method} ${path}`)
  }
  // The control: these are known to be there, so the list was not empty or cut.
  expect(asked).toEqual(
    expect.arrayContaining(['POST /mcp-server/:id/rotate', 'POST /tenant/:tenant/revoke', 'GET /audit']),
  )
  expect(asked.length).toBeGreaterThanOrEqual(18)
})

test('a URL of one tenant opens with a runtime token of that tenant or an operator, and of nobody else', async () => {
  const config = mcpServerConfig.parse({})
  const urls = await Promise.all(
    TENANTS.map(async (tenant, nth) => {
      const account = sampleAccount({ id: `acc_000000000000000${nth}`, tenant, system: 'hubspot' })
      await store.accounts.insert(account, sampleGrant(1, 1), sampleTimes)
      const issued = await issueMcpServer(
        store.servers,
        [account],
        { name: 'x', config },
        { now: Date.now(), publicUrl: '' },
      )
      return { tenant, account: account.id, ...issued }
    }),
  )
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
  for (const of of [...TENANTS, undefined]) {
    for (const scope of apiScopes) {
      const secret = await token(of, [scope])
      for (const { tenant, token: url } of urls) {
        const opens = scope === 'runtime' && (of === undefined || of === tenant)
        const { status } = await ask('POST', `/mcp/${url}`, secret, list)
        expect([of, scope, tenant, status]).toEqual([of, scope, tenant, opens ? 200 : 401])
      }
    }
  }
})

test('an administrator sees and touches what is of the own tenant; the rest does not exist', async () => {
  const made = await Promise.all(
    TENANTS.map(async (tenant, nth) => {
      const account = sampleAccount({ id: `acc_000000000000001${nth}`, tenant, system: 'hubspot' })
      await store.accounts.insert(account, sampleGrant(1, 1), sampleTimes)
      const at = { now: Date.now(), publicUrl: '' }
      const config = mcpServerConfig.parse({})
      const server = await issueMcpServer(store.servers, [account], { name: 'x', config }, at)
      const api = await issueApiToken(store.apiTokens, { tenant, name: 'victim', scopes: ['runtime'] }, 1)
      return { tenant, account: account.id, server: server.id, api: api.id }
    }),
  )
  for (const of of TENANTS) {
    const secret = await token(of, ['admin', 'audit'])
    for (const { tenant, account, server, api } of made.filter((one) => one.tenant !== of)) {
      const tries: [string, string, unknown?][] = [
        ['GET', `/integrated-account/${account}`],
        ['GET', `/integrated-account/${account}/mcp`],
        ['POST', `/integrated-account/${account}/mcp`, { name: 'x' }],
        ['POST', `/integrated-account/${account}/refresh`],
        ['DELETE', `/integrated-account/${account}`],
        ['GET', `/mcp-server/${server}`],
        ['PATCH', `/mcp-server/${server}`, { name: 'y' }],
        ['POST', `/mcp-server/${server}/rotate`],
        ['DELETE', `/mcp-server/${server}`],
        ['POST', `/api-token/${api}/rotate`],
        ['DELETE', `/api-token/${api}`],
      ]
      for (const [method, path, body] of tries) {
        expect([of, tenant, method, path, (await ask(method, path, secret, body)).status]).toEqual([
          of,
          tenant,
          method,
          path,
          404,
        ])
      }
      const named: [string, string, unknown?][] = [
        ['GET', `/integrated-account?tenant=${tenant}`],
        ['GET', `/audit?tenant=${tenant}`],
        ['POST', '/api-token', { tenant, name: 'x', scopes: ['admin'] }],
        ['POST', `/tenant/${tenant}/revoke`, { what: 'all', disconnect_accounts: true }],
      ]
      for (const [method, path, body] of named) {
        expect([of, method, path, (await ask(method, path, secret, body)).status]).toEqual([of, method, path, 403])
      }
    }
    // The control: the same requests work at home.
    const own = made.find((one) => one.tenant === of)!
    expect((await ask('POST', `/mcp-server/${own.server}/rotate`, secret)).status).toBe(200)
    expect((await ask('PATCH', `/mcp-server/${own.server}`, secret, { name: 'y' })).status).toBe(200)
    expect((await ask('DELETE', `/api-token/${own.api}`, secret)).status).toBe(204)
  }
  for (const { account } of made) expect((await store.accounts.find(account))?.status).toBe('active')
})
