/** @module What token endpoints answer, sent over HTTP through the vault: what becomes of the account, and who hears what. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Connector, loadCatalog } from '@quartermaster/connectors'
import { FailureError } from '@quartermaster/protocol'
import {
  apiBase,
  authorityEndpoints,
  circuitBreaker,
  connectAccount,
  createUpstream,
  newKey,
  oauthClient,
  openStore,
  parseKeyRing,
  type RefreshEvent,
  type Store,
  tokenSource,
} from '@quartermaster/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refusals, SECRET } from './refusals.ts'
import { tokens } from './tokens.ts'

interface Answer {
  readonly status: number
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

const asked: URLSearchParams[] = []
let answer: Answer
const server = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk) => {
    text += String(chunk)
  })
  request.on('end', () => {
    asked.push(new URLSearchParams(text))
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close', ...answer.headers })
    response.end(answer.body)
  })
})
let url: string
let store: Store
const ring = parseKeyRing(newKey(1))
const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
const oauth = oauthClient(upstream)
const catalog = loadCatalog()
const HOST = 'https://acme.my.salesforce.com'

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  store = await openStore()
})
afterAll(async () => {
  await upstream.close()
  server.close()
  await store.close()
})

/** An account whose access token has just expired, and what refreshes it. */
async function expired(system: string) {
  const connector = catalog.get(system) as Connector
  const clock = {
    at: 1_700_000_000_000,
    now: () => clock.at,
    async sleep(ms: number) {
      clock.at += ms
    },
  }
  const scopes = connector.auth.scopes.required
  const kept: Record<string, string> = system === 'salesforce' ? { instance_url: HOST } : {}
  const account = await connectAccount(
    { store: store.accounts, ring, now: clock.now, random: () => 0.5 },
    {
      tenant: 'acme',
      connector,
      label: 'CRM',
      answer: { accessToken: 'at-0', refreshToken: 'rt-0', expiresInS: 60, scopes, kept },
    },
  )
  clock.at += 60_001
  const events: RefreshEvent[] = []
  const app = { clientId: 'c', clientSecret: SECRET }
  const endpoints = { token: `${url}/token` }
  const source = tokenSource({
    store: store.accounts,
    refreshes: store.refreshes,
    ring,
    oauth,
    breaker: circuitBreaker(),
    authority: () => ({
      auth: connector.auth,
      endpoints,
      app,
      // As in the server: a host is believed when it is one of the system's.
      ...(system === 'salesforce' ? { apiBase: (named) => hostOf(named['instance_url']) } : {}),
    }),
    clock,
    random: () => 0.5,
    owner: store.owner,
    isDead: store.isDead,
    onEvent: (event) => void events.push(event),
  })
  const refresh = () => oauth.refresh({ auth: connector.auth, endpoints, app, refreshToken: 'rt-0' })
  return { account, clock, connector, events, refresh, source }
}

function hostOf(named: string | undefined): string | undefined {
  return apiBase(catalog.get('salesforce') as Connector, undefined, { instance_url: named ?? '' })
}

test('the table is as long as it says, and the real endpoints are https', () => {
  expect(refusals.length + tokens.length).toBeGreaterThanOrEqual(60)
  for (const connector of catalog.values()) {
    expect(authorityEndpoints(connector, undefined).token).toMatch(/^https:/)
  }
})

test.each(refusals.map((row) => [row.name, row] as const))('a refresh answered with %s', async (_name, row) => {
  const { status, body, headers = {}, means, system } = row
  answer = { status, body, headers }
  const { account, events, refresh, source } = await expired(system)
  const said: unknown[] = []
  const outcome = await refresh().catch((error: unknown) => {
    said.push(String(error), JSON.stringify(error), Object.values(error as object))
    return { ok: false, means: (error as { kind: string }).kind } as const
  })
  const [kind, detail] = means.split(':')
  if (kind === 'dead') expect(outcome).toEqual({ ok: false, means: 'dead', reason: detail })
  else if (kind === 'wait') expect(outcome).toEqual({ ok: false, means: 'transient', retryAfterS: Number(detail) })
  else expect(outcome).toEqual({ ok: false, means })

  const error = await source.token(account).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FailureError)
  const { failure } = error as FailureError
  const after = await store.accounts.find(account.id)
  if (kind === 'dead') {
    expect(after).toMatchObject({ status: 'needs_reauth', reason: detail })
    expect(failure.code).toBe('needs_reauth')
  } else {
    expect(after).toMatchObject({ status: 'active' })
    expect(failure.code).toBe('upstream_unavailable')
    expect(failure.retry_after_s).toBeLessThanOrEqual(3_600)
    if (kind === 'wait') expect(failure.retry_after_s).toBeGreaterThanOrEqual(Number(detail))
  }
  said.push(failure, String(error), (error as Error).stack, (error as Error).cause, events, after)
  for (const secret of [SECRET, 'rt-0', 'at-0', 'at-1']) expect(JSON.stringify(said)).not.toContain(secret)
})

test.each(tokens.map((row) => [row.name, row] as const))(
  'a refresh answered with a token and %s',
  async (_name, row) => {
    const { body, headers = {}, system, next = 'rt-0', changed } = row
    answer = { status: 200, body, headers }
    const { account, clock, connector, events, source } = await expired(system)
    const startedAt = clock.at
    expect((await source.token(account)).value).toBe('at-1')
    expect(events.map(({ outcome }) => outcome)).toEqual(['refreshed'])
    expect(events[0]?.changed).toEqual(changed)
    const state = await store.accounts.state(account.id)
    const lifetimeS = row.lifetimeS ?? connector.auth.defaultExpiresInS
    expect(state?.times.expiresAt).toBe(Math.floor(startedAt + lifetimeS * 1_000))
    if (row.scopes) expect(state?.account.scopes).toEqual(row.scopes)
    if (changed?.includes('foreign_host')) expect(state?.account.apiBase).toBe(HOST)
    clock.at = (state?.times.expiresAt ?? 0) + 1
    await source.token(account)
    expect(asked.at(-1)?.get('refresh_token')).toBe(next)
  },
)
