/** @module Proves the control API: faults hit as often as armed, settings take hold, counters count. */
import { expect, test } from 'vitest'
import { createSandbox } from '../sandbox.ts'

const origin = 'http://127.0.0.1:4000'
const contacts = 'acme/hubspot/crm/v3/objects/contacts'

function open() {
  const slept: number[] = []
  const clock = { now: Date.UTC(2026, 10, 22) }
  const sleep = async (ms: number) => void slept.push(ms)
  const sandbox = createSandbox({ tenants: ['acme', 'globex'], origin, now: () => clock.now, sleep })
  const { accessToken, refreshToken } = sandbox
    .control('acme', 'hubspot')
    .signIn({ scope: 'crm.objects.contacts.read' })
  const call = (path: string, init: RequestInit = {}) => sandbox.fetch(new Request(`${origin}/${path}`, init))
  const read = (path = contacts) => call(path, { headers: { authorization: `Bearer ${accessToken}` } })
  const steer = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await call(`__sandbox/acme/hubspot/${path}`, { method, body: text })
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() }
  }
  return { sandbox, slept, clock, accessToken, refreshToken, call, read, steer }
}

test('a rate limit hits the next calls, with Retry-After when asked for, in the body of the vendor', async () => {
  const { read, steer } = open()
  await steer('POST', 'faults', { kind: 'rate_limit', times: 2, retryAfterS: 3 })
  const refused = await read()
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('3')
  expect(refused.headers.get('x-hubspot-ratelimit-remaining')).toBe('0')
  expect(await refused.json()).toMatchObject({ errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' })
  expect((await steer('GET', 'faults')).body).toEqual({ faults: [{ kind: 'rate_limit', times: 1, retryAfterS: 3 }] })
  expect((await read()).status).toBe(429)
  expect((await read()).status).toBe(200)
  const { body } = await steer('GET', 'counters')
  expect(body).toMatchObject({
    requests: { 'GET /crm/v3/objects/:type': 3 },
    responses: { 200: 1, 429: 2 },
    rateLimited: 2,
  })
})

test('the daily limit lasts until it is cleared', async () => {
  const { read, steer } = open()
  await steer('POST', 'faults', { kind: 'daily_limit' })
  for (let times = 0; times < 3; times++) {
    expect(await (await read()).json()).toMatchObject({
      policyName: 'DAILY',
      message: 'You have reached your daily limit.',
    })
  }
  expect((await steer('DELETE', 'faults')).status).toBe(204)
  expect((await read()).status).toBe(200)
})

test('broken answers are broken in the way that was asked for', async () => {
  const { read, steer } = open()
  await steer('POST', 'faults', { kind: 'truncated_json' })
  const half = await read()
  expect(half.status).toBe(200)
  const text = await half.text()
  expect(() => JSON.parse(text)).toThrow(SyntaxError)
  await steer('POST', 'faults', { kind: 'html_error', status: 503 })
  const page = await read()
  expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html'])
  await steer('POST', 'faults', { kind: 'server_error' })
  expect((await read()).status).toBe(500)
  await steer('POST', 'faults', { kind: 'dropped_response' })
  await expect(read()).rejects.toThrow(TypeError)
  expect((await read()).status).toBe(200)
})

test('latency is waited for before the call is handled, beside another fault', async () => {
  const { read, steer, slept } = open()
  await steer('POST', 'faults', { kind: 'latency', ms: 1500 })
  await steer('POST', 'faults', { kind: 'server_error', status: 503 })
  expect((await read()).status).toBe(503)
  expect(slept).toEqual([1500])
})

test('a fault with a path hits only there, token calls included; one without spares the token endpoint', async () => {
  const { call, read, steer, refreshToken } = open()
  const body = `grant_type=refresh_token&refresh_token=${refreshToken}&client_id=sandbox-client&client_secret=sandbox-secret`
  const refresh = () => call('acme/hubspot/oauth/v1/token', { method: 'POST', body })
  await steer('POST', 'faults', { kind: 'rate_limit', path: '/oauth/*/token' })
  expect((await read()).status).toBe(200)
  expect((await refresh()).status).toBe(429)
  await steer('POST', 'faults', { kind: 'server_error' })
  expect((await refresh()).status).toBe(200)
  expect((await read()).status).toBe(500)
  await steer('POST', 'faults', { kind: 'server_error', method: 'post', path: '/crm/*' })
  expect((await read()).status).toBe(200)
})

test('faults, counters and tokens of one tenant are not another’s', async () => {
  const { sandbox, call, accessToken, steer } = open()
  await steer('POST', 'faults', { kind: 'server_error' })
  const other = await call('globex/hubspot/crm/v3/objects/contacts', {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  expect(other.status).toBe(401)
  expect(sandbox.control('globex', 'hubspot').counters().requests).toEqual({ 'GET /crm/v3/objects/:type': 1 })
  expect(sandbox.control('acme', 'hubspot').counters().requests).toEqual({})
})

test('windows, tokens, records and the world can be read and set', async () => {
  const { read, steer, call } = open()
  expect((await steer('PATCH', 'windows/ten_secondly', { limit: 1 })).body).toMatchObject({
    ten_secondly: { limit: 1, windowMs: 10_000 },
  })
  expect([(await read()).status, (await read()).status]).toEqual([200, 429])
  await steer('DELETE', 'windows')
  expect((await read()).status).toBe(200)
  await steer('DELETE', 'windows')
  expect((await steer('PATCH', 'tokens', { rotateRefreshTokens: true, graceMs: 5 })).body).toMatchObject({
    rotateRefreshTokens: true,
    graceMs: 5,
  })
  await steer('POST', 'tokens/expire')
  expect(await (await read()).json()).toMatchObject({ category: 'EXPIRED_AUTHENTICATION' })
  await steer('POST', 'tokens/revoke')
  expect(await (await read()).json()).toMatchObject({ category: 'INVALID_AUTHENTICATION' })
  const { records } = (await steer('GET', 'records/contacts')).body as { records: { id: string }[] }
  expect((await steer('GET', `records/contacts/${records[0]?.id}`)).body).toEqual(records[0])
  const world = (await (await call('__sandbox/acme/world')).json()) as { people: unknown[] }
  expect(world.people).toHaveLength(records.length)
  expect((await steer('POST', 'tokens/sign-in', { scope: 'tickets' })).body).toMatchObject({
    scopes: ['oauth', 'tickets'],
  })
})

test('what cannot be used is refused with the reason', async () => {
  const { steer, call } = open()
  expect(await steer('POST', 'faults', '{')).toEqual({
    status: 400,
    body: { error: 'Cannot read the body: it is not JSON' },
  })
  expect((await steer('POST', 'faults', { kind: 'flood' })).body).toEqual({
    error: 'Cannot read the body: "kind" has no usable value',
  })
  expect((await steer('POST', 'faults', { times: 1 })).status).toBe(400)
  expect((await steer('POST', 'faults', { kind: 'latency', wait: 1 })).status).toBe(400)
  expect((await steer('PATCH', 'windows/none', { limit: 1 })).status).toBe(404)
  expect((await steer('GET', 'records/unicorns')).status).toBe(404)
  expect((await call('__sandbox/nobody/hubspot/counters')).status).toBe(404)
  expect((await call('nobody/hubspot/crm/v3/objects/contacts')).status).toBe(404)
  expect((await call('acme/unknown/')).status).toBe(404)
})

test('a dropped token answer has rotated the refresh token all the same', async () => {
  const { sandbox, call, steer, refreshToken } = open()
  const body = `grant_type=refresh_token&refresh_token=${refreshToken}&client_id=sandbox-client&client_secret=sandbox-secret`
  const refresh = () => call('acme/hubspot/oauth/2026-09/token', { method: 'POST', body })
  await steer('PATCH', 'tokens', { rotateRefreshTokens: true })
  await steer('POST', 'faults', { kind: 'dropped_response', path: '/oauth/2026-09/token' })
  await expect(refresh()).rejects.toThrow('the connection was lost')
  expect((await refresh()).status).toBe(400)
  expect(sandbox.control('acme', 'hubspot').counters()).toMatchObject({
    requests: { 'POST /oauth/2026-09/token': 2 },
    tokenCalls: { refresh_token: 2 },
    refreshTokenReuses: 1,
  })
})
