/** @module Proves the grants of both vendors over HTTP: codes, PKCE, rotation, reuse, revocation, and their errors. */
import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { hubspot } from '../hubspot/hubspot.ts'
import { createSandbox } from '../sandbox.ts'
import type { Vendor } from '../vendor.ts'
import { salesforceOAuth } from './salesforce-oauth.ts'

const origin = 'http://127.0.0.1:4000'
const redirect_uri = 'https://app.example/cb'
const client = { client_id: 'sandbox-client', client_secret: 'sandbox-secret' }
const account = {
  accountId: '00Dxx0000001gEREAY',
  userId: '005xx000001SwiUAAS',
  userName: 'a@b.example',
  domain: 'b.example',
}
/** The other vendor's OAuth over the same routes: the grants do not depend on the records. */
const salesforceLike: Vendor = {
  ...(hubspot as Vendor),
  id: 'salesforce',
  oauth: salesforceOAuth,
  account: () => account,
}

const stranger = { clientId: 'other-client', clientSecret: 'other-secret', redirectUris: ['https://other.example/cb'] }

function open(vendor: 'hubspot' | 'salesforce' = 'hubspot') {
  const clients = [{ clientId: client.client_id, clientSecret: client.client_secret }, stranger]
  const clock = { now: Date.UTC(2026, 10, 22) }
  const vendors = [hubspot, salesforceLike]
  const sandbox = createSandbox({ tenants: ['acme'], origin, now: () => clock.now, vendors, clients })
  const [authorizePath, tokenPath] =
    vendor === 'hubspot'
      ? ['oauth/authorize', 'oauth/2026-09/token']
      : ['services/oauth2/authorize', 'services/oauth2/token']
  const call = (path: string, init?: RequestInit) =>
    sandbox.fetch(new Request(`${origin}/acme/${vendor}/${path}`, init))
  const post = async (path: string, form: Record<string, string>) => {
    const response = await call(path, { method: 'POST', body: new URLSearchParams(form) })
    const text = await response.text()
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : {} }
  }
  const authorize = async (query: Record<string, string>, init?: RequestInit) => {
    const response = await call(
      `${authorizePath}?${new URLSearchParams({ client_id: client.client_id, redirect_uri, ...query })}`,
      init,
    )
    const location = response.headers.get('location')
    return { response, sent: location ? new URL(location).searchParams : new URLSearchParams() }
  }
  const code = async (query: Record<string, string> = {}) =>
    (await authorize({ as: 'user', ...query })).sent.get('code') ?? ''
  const token = (form: Record<string, string>) => post(tokenPath, { ...client, ...form })
  const redeem = (code: string, more: Record<string, string> = {}) =>
    token({ grant_type: 'authorization_code', code, redirect_uri, ...more })
  const refresh = (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token })
  const control = sandbox.control('acme', vendor)
  const works = async (accessToken: string) =>
    (await call('crm/v3/objects/contacts', { headers: { authorization: `Bearer ${accessToken}` } })).status !== 401
  return { clock, call, post, authorize, code, redeem, refresh, token, control, works }
}

test('authorize() asks a person, and sends back what the person decides', async () => {
  const { authorize, redeem } = open()
  const { response } = await authorize({ scope: '<script>' })
  const page = await response.text()
  expect(page).toContain('<li>&lt;script&gt;</li>')
  expect(page).toContain('value="deny"')
  const decide = (decision: string) => ({ method: 'POST', body: new URLSearchParams({ decision }) })
  const denied = await authorize({ state: 'x' }, decide('deny'))
  expect(Object.fromEntries(denied.sent)).toEqual({
    error: 'access_denied',
    error_description: 'end-user denied authorization',
    state: 'x',
  })
  const approved = await authorize({}, decide('approve'))
  expect((await redeem(approved.sent.get('code') ?? '')).status).toBe(200)
})

test('authorize() never redirects to an address that is not the client’s', async () => {
  const { authorize } = open()
  for (const query of [
    { redirect_uri: 'http://evil.example/cb', as: 'user' },
    { redirect_uri: 'javascript:alert(1)', as: 'user' },
    { client_id: 'other', as: 'user' },
  ] as Record<string, string>[]) {
    const { response } = await authorize(query)
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
  }
  expect((await authorize({ redirect_uri: 'http://127.0.0.1:9/cb', as: 'user' })).response.status).toBe(302)
  expect((await authorize({ as: 'user', code_challenge: 'x', code_challenge_method: 'plain' })).sent.get('error')).toBe(
    'invalid_request',
  )
})

test('a code works once, and its replay kills what it gave', async () => {
  const { code, redeem, works } = open()
  const used = await code({ scope: 'crm.objects.contacts.read' })
  const first = await redeem(used)
  expect(first.body).toMatchObject({
    token_type: 'bearer',
    token_use: 'access_token',
    expires_in: 1800,
    hub_id: expect.any(Number),
  })
  expect(first.body.scopes).toEqual(['oauth', 'crm.objects.contacts.read'])
  expect(await works(first.body.access_token)).toBe(true)
  const second = await redeem(used)
  expect(second.status).toBe(400)
  expect(second.body).toMatchObject({ status: 'BAD_AUTH_CODE', category: 'VALIDATION_ERROR' })
  expect(await works(first.body.access_token)).toBe(false)
})

test('a code is bound to its redirect URI, its client and its ten minutes', async () => {
  const { clock, code, redeem } = open()
  const fresh = await code()
  expect((await redeem(fresh, { redirect_uri: `${redirect_uri}/` })).body.status).toBe('BAD_REDIRECT_URI')
  expect((await redeem(fresh, { client_secret: 'wrong' })).body.status).toBe('BAD_CLIENT_SECRET')
  expect((await redeem(fresh, { client_id: 'other' })).body.status).toBe('BAD_CLIENT_ID')
  clock.now += 599_999
  expect((await redeem(fresh)).status).toBe(200)
  const late = await code()
  clock.now += 600_000
  expect((await redeem(late)).status).toBe(400)
})

test('PKCE is verified whenever a challenge was sent, and only then asked for', async () => {
  const { code, redeem } = open()
  const verifier = 'a'.repeat(43)
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  const challenged = await code({ code_challenge, code_challenge_method: 'S256' })
  expect((await redeem(challenged)).status).toBe(400)
  expect((await redeem(challenged, { code_verifier: 'b'.repeat(43) })).status).toBe(400)
  expect((await redeem(challenged, { code_verifier: verifier })).status).toBe(200)
  expect((await redeem(await code(), { code_verifier: verifier })).status).toBe(400)
  expect((await redeem(await code({ code_challenge }), { code_verifier: verifier })).status).toBe(200)
})

test('refresh tokens stay the same until rotation is switched on', async () => {
  const { code, redeem, refresh, control } = open()
  const { body } = await redeem(await code())
  expect((await refresh(body.refresh_token)).body.refresh_token).toBe(body.refresh_token)
  control.setTokens({ rotateRefreshTokens: true })
  const rotated = await refresh(body.refresh_token)
  expect(rotated.body.refresh_token).not.toBe(body.refresh_token)
  expect((await refresh(rotated.body.refresh_token)).status).toBe(200)
})

test('using a replaced refresh token again kills its family, and no other', async () => {
  const { code, redeem, refresh, control, works } = open()
  control.setTokens({ rotateRefreshTokens: true })
  const bystander = (await redeem(await code())).body
  const first = (await redeem(await code())).body
  const second = (await refresh(first.refresh_token)).body
  const replay = await refresh(first.refresh_token)
  expect(replay.body).toMatchObject({ status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' })
  expect((await refresh(second.refresh_token)).status).toBe(400)
  expect(await works(second.access_token)).toBe(false)
  expect((await refresh(bystander.refresh_token)).status).toBe(200)
  expect(control.counters()).toMatchObject({
    refreshTokenReuses: 1,
    tokenCalls: { authorization_code: 2, refresh_token: 4 },
  })
})

test('a grace period forgives a replaced refresh token until it is over', async () => {
  const { clock, code, redeem, refresh, control } = open()
  control.setTokens({ rotateRefreshTokens: true, graceMs: 5000 })
  const first = (await redeem(await code())).body
  const second = (await refresh(first.refresh_token)).body
  clock.now += 4999
  const forgiven = await refresh(first.refresh_token)
  expect(forgiven.body.refresh_token).toBe(second.refresh_token)
  clock.now += 1
  expect((await refresh(first.refresh_token)).status).toBe(400)
  expect((await refresh(second.refresh_token)).status).toBe(400)
  expect(control.counters().refreshTokenReuses).toBe(2)
})

test('access tokens expire after their time; version 1 tells no scopes', async () => {
  const { clock, post, code, redeem, works, control } = open()
  const { body } = await redeem(await code({ scope: 'crm.objects.contacts.read' }))
  clock.now += 1_799_999
  expect(await works(body.access_token)).toBe(true)
  clock.now += 1
  expect(await works(body.access_token)).toBe(false)
  control.setTokens({ accessTokenTtlMs: 60_000 })
  const legacy = await post('oauth/v1/token', {
    ...client,
    grant_type: 'refresh_token',
    refresh_token: body.refresh_token,
  })
  expect(Object.keys(legacy.body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
  expect(legacy.body.expires_in).toBe(60)
})

test('introspection and revocation need the client, and revoking one token ends the grant', async () => {
  const { post, code, redeem, refresh, works } = open()
  const { access_token, refresh_token } = (await redeem(await code({ scope: 'tickets' }))).body
  const introspect = (token: string) => post('oauth/2026-03/token/introspect', { ...client, token })
  expect((await introspect(access_token)).body).toMatchObject({
    active: true,
    token_use: 'access_token',
    scopes: ['oauth', 'tickets'],
  })
  expect((await introspect(refresh_token)).body).toMatchObject({ active: true, token_use: 'refresh_token' })
  expect((await introspect('nothing')).body).toEqual({ active: false })
  expect((await post('oauth/2026-03/token/revoke', { token: refresh_token })).status).toBe(400)
  expect((await post('oauth/2026-03/token/revoke', { ...client, token: refresh_token })).status).toBe(204)
  expect(await works(access_token)).toBe(false)
  expect((await refresh(refresh_token)).status).toBe(400)
})

test('the Salesforce shapes: identity, signature, no expires_in, no refresh token on refresh', async () => {
  const { clock, code, redeem, refresh, control } = open('salesforce')
  const { body } = await redeem(await code({ scope: 'api refresh_token' }))
  const base = `${origin}/acme/salesforce`
  const id = `${base}/id/${account.accountId}/${account.userId}`
  expect(body).toEqual({
    access_token: expect.stringMatching(/^00Dxx0000001gER!AQ/),
    refresh_token: expect.stringMatching(/^5Aep861/),
    signature: createHmac('sha256', 'sandbox-secret').update(`${id}${clock.now}`).digest('base64'),
    scope: 'api refresh_token',
    instance_url: base,
    id,
    token_type: 'Bearer',
    issued_at: String(clock.now),
  })
  expect((await refresh(body.refresh_token)).body).not.toHaveProperty('refresh_token')
  control.setTokens({ rotateRefreshTokens: true })
  expect((await refresh(body.refresh_token)).body).toHaveProperty('refresh_token')
  expect((await redeem(await code({ scope: 'api' }))).body).not.toHaveProperty('refresh_token')
})

test('the Salesforce errors: RFC 6749 words, form-encoded at revoke', async () => {
  const { post, code, redeem, refresh, token, works } = open('salesforce')
  expect(await refresh('dead')).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant', error_description: 'expired access/refresh token' },
  })
  expect((await token({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type')
  const machine = await token({ grant_type: 'client_credentials' })
  expect(machine.body).not.toHaveProperty('refresh_token')
  const { body } = await redeem(await code())
  expect(await post('services/oauth2/revoke', { token: body.access_token })).toMatchObject({ status: 200, text: '' })
  expect(await works(body.access_token)).toBe(false)
  const again = await post('services/oauth2/revoke', { token: body.access_token })
  expect(again.status).toBe(400)
  expect(new URLSearchParams(again.text).get('error')).toBe('unsupported_token_type')
})

test('codes and refresh tokens are worth nothing to another client, and registered redirects match exactly', async () => {
  const { authorize, code, redeem, refresh, token } = open()
  const other = { client_id: stranger.clientId, client_secret: stranger.clientSecret }
  const mine = await code()
  expect((await redeem(mine, other)).body.status).toBe('BAD_AUTH_CODE')
  const { body } = await redeem(mine)
  const stolen = await token({ grant_type: 'refresh_token', refresh_token: body.refresh_token, ...other })
  expect(stolen.body.status).toBe('BAD_REFRESH_TOKEN')
  expect((await refresh(body.refresh_token)).status).toBe(200)
  const asked = (redirect: string) => authorize({ client_id: stranger.clientId, redirect_uri: redirect, as: 'user' })
  expect((await asked('https://other.example/cb')).response.status).toBe(302)
  expect((await asked('https://other.example/cb/')).response.status).toBe(400)
})
