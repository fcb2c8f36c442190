/** @module What every address below /mcp answers to every method, and that a token is nowhere but in its own place. */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSse } from './raw-sse.ts'

const TOOL = 'list_all_hub_spot_contacts'
let testbed: Testbed
let token: string
let apiToken: string
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  token = (await testbed.issue('hubspot')).token
  const { body } = await testbed.admin('POST', '/api-token', { name: 'k', tenant: 'acme', scopes: ['runtime'] })
  apiToken = (body as { token: string }).token
})
afterAll(() => testbed.close())

const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(testbed.server.url + path, { method, headers, ...(body === undefined ? {} : { body }) })

const allowed: Record<string, string> = {
  '': 'POST, GET',
  '/sse': 'GET',
  '/messages': 'POST',
  '/tools': 'GET',
  [`/tools/${TOOL}`]: 'POST',
}

test('every method that an address does not have is 405 with Allow, for a right token and a wrong one alike', async () => {
  for (const [path, allow] of Object.entries(allowed)) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST']) {
      if (allow.split(', ').includes(method)) continue
      for (const each of [token, 'wrong']) {
        const response = await ask(method, `/mcp/${each}${path}`, { origin: 'http://localhost' })
        expect([method, path, response.status, response.headers.get('allow')]).toEqual([method, path, 405, allow])
      }
    }
  }
})

test('every answer below /mcp forbids keeping, framing, sniffing and referring, and invites no other site', async () => {
  const auth = { authorization: `Bearer ${apiToken}` }
  for (const path of [...Object.keys(allowed), '/nothing', '/messages?sessionId=x']) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE']) {
      for (const headers of [{}, auth]) {
        const response = await ask(method, `/mcp/${token}${path}`, { ...headers, origin: 'http://localhost' })
        expect(response.headers.get('cache-control')).toBe('no-store')
        expect(response.headers.get('referrer-policy')).toBe('no-referrer')
        expect(response.headers.get('x-content-type-options')).toBe('nosniff')
        expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
        const open = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'))
        expect([open, response.headers.get('set-cookie')]).toEqual([[], null])
        if (method === 'HEAD') expect(await response.text()).toBe('')
        else await response.body?.cancel()
      }
    }
  }
})

test('a foreign page and a foreign host are refused on every address', async () => {
  for (const path of Object.keys(allowed)) {
    for (const headers of [{ origin: 'https://evil.com' }, { origin: 'null' }, { origin: 'http://localhost.evil' }]) {
      const method = path === '/sse' || path === '/tools' ? 'GET' : 'POST'
      expect((await ask(method, `/mcp/${token}${path}`, headers)).status).toBe(403)
    }
  }
})

test('a token in a query is refused, however valid; only `key` of an address below /mcp may hold one', async () => {
  const auth = { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' }
  const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
  for (const query of [`token=${token}`, `access_token=${apiToken}`, `x=${apiToken}`, `key2=${apiToken}`]) {
    expect((await ask('POST', `/mcp/${token}?${query}`, auth, list)).status).toBe(400)
    expect((await ask('GET', `/audit?${query}`, auth)).status).toBe(400)
  }
  expect((await ask('GET', `/audit?key=${apiToken}`, {})).status).toBe(400)
  expect(
    (await ask('POST', `/mcp/${token}?key=${apiToken}`, { 'content-type': 'application/json' }, list)).status,
  ).toBe(200)
  // A header that came along is believed alone.
  const wrong = { authorization: 'Bearer wrong', 'content-type': 'application/json' }
  expect((await ask('POST', `/mcp/${token}?key=${apiToken}`, wrong, list)).status).toBe(401)
})

test('no log line holds a token, whatever is asked and however it fails', async () => {
  const auth = { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' }
  const bodies = ['', '{', '[]', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', `{"x":"${'x'.repeat(1_100_000)}"}`]
  const paths = [
    ...Object.keys(allowed).map((path) => `/mcp/${token}${path}`),
    `/mcp/${token}/nothing`,
    `/mcp/${token}/tools/${token}`,
    `/mcp/${encodeURIComponent(token)}%2Fx`,
    `/mcp/%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
    `/.well-known/oauth-protected-resource/mcp/${token}`,
    `/.well-known/oauth-authorization-server/mcp/${token}`,
    `/${token}`,
    `/mcp/${token}${token}`,
    `/mcp/x-${token}-x`,
    `/integrated-account/${token}`,
    `/mcp-server/${apiToken}`,
    `/mcp/${token}?key=${apiToken}`,
    `/mcp/${token}/sse?key=${apiToken}`,
    `/mcp/${token}?token=${token}`,
    `/mcp/${token}/messages?sessionId=${token}`,
  ]
  const before = testbed.logs.length
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
      for (const headers of [auth, {}]) {
        for (const body of method === 'POST' ? bodies : [undefined]) {
          const response = await ask(method, path, headers, body)
          await response.body?.cancel()
        }
      }
    }
  }
  const sse = await openSse(`${testbed.server.url}/mcp/${token}`, auth)
  await sse.ask(1, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: `from ${token} ${apiToken}`, version: '1' },
  })
  await sse.ask(2, 'tools/call', { name: TOOL, arguments: { limit: token } })
  await sse.ask(3, 'tools/call', { name: token, arguments: {} })
  sse.close()
  const lines = testbed.logs.slice(before)
  expect(lines.length).toBeGreaterThan(100)
  const secrets = [token, apiToken, testbed.server.adminToken]
  expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([])
  // The control: the requests are in the log, with their token taken out.
  expect(lines.some((line) => line.includes('/mcp/[token]'))).toBe(true)
})
