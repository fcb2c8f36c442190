/** @module Host and Origin matrix. */
import { expect, test } from 'vitest'
import { checkOrigin, loopbackHosts } from './check-origin.ts'

const allowed = { hosts: [...loopbackHosts, 'mcp.acme.com'], origins: [...loopbackHosts, 'app.acme.com'] }

function statusOf(headers: Record<string, string>): number | undefined {
  return checkOrigin(new Request('http://127.0.0.1:3000/mcp/x', { method: 'POST', headers }), allowed)?.status
}

test.each([
  ['127.0.0.1:3000', undefined],
  ['localhost', undefined],
  ['LOCALHOST:3000', undefined],
  ['[::1]:3000', undefined],
  ['mcp.acme.com', undefined],
  ['evil.com', 403],
  ['localhost.evil.com', 403],
  ['mcp.acme.com.evil.com', 403],
  ['evil.com#localhost', 403],
  ['localhost@evil.com', 403],
])('checkOrigin() answers Host %s with %s', (host, status) => {
  expect(statusOf({ host })).toBe(status)
})

test.each([
  ['http://localhost:5173', undefined],
  ['https://app.acme.com', undefined],
  ['https://APP.acme.com', undefined],
  ['https://evil.com', 403],
  ['http://localhost.evil', 403],
  ['https://app.acme.com.evil.com', 403],
  ['null', 403],
  ['file://', 403],
  ['not an origin', 403],
])('checkOrigin() answers Origin %s with %s', (origin, status) => {
  expect(statusOf({ host: 'localhost', origin })).toBe(status)
})

test('checkOrigin() lets a client without Origin through and names nothing it would allow', async () => {
  expect(statusOf({ host: 'localhost' })).toBeUndefined()
  const refusal = checkOrigin(new Request('http://evil.com/mcp/x', { method: 'POST' }), allowed)
  expect(await refusal?.text()).not.toMatch(/acme|localhost/)
})
