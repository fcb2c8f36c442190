import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mcpServerConfig } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { adminClient } from './admin-client.ts'
import { roles } from './roles.ts'

interface Seen {
  readonly line: string
  readonly authorization: string | undefined
  readonly body: unknown
}

/** A server that answers everything alike and remembers what it was asked. */
async function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { authorization } = request.headers
    seen.push({ line: `${request.method} ${request.url}`, authorization, body: text ? JSON.parse(text) : undefined })
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const admin = adminClient({ baseUrl: `http://127.0.0.1:${port}/`, token: 'qm_admin_secret' })
  return { admin, seen, close: () => new Promise((resolve) => server.close(resolve)) }
}

const listed = {
  id: 'mcp_1',
  name: 'sales',
  config: mcpServerConfig.parse({}),
  expires_at: '2027-01-01T00:00:00.000Z',
  revoked_at: null,
}
const issued = { ...listed, url: 'http://127.0.0.1:3000/mcp/abc', token: 'abc' }

test('issue() posts the toolset as the guide does and returns the URL', async () => {
  const { admin, seen, close } = await answering(201, { ...issued, tools: ['list_all_acme_contacts'] })
  const made = await roles.analytics.tags('deals').issue(admin, { account: 'acc 1/x', expiresInS: 60 })
  await close()
  expect(made).toMatchObject({ id: 'mcp_1', url: issued.url, token: 'abc' })
  expect(seen).toEqual([
    {
      line: 'POST /integrated-account/acc%201%2Fx/mcp',
      authorization: 'Bearer qm_admin_secret',
      body: { name: 'analytics', config: { ...roles.analytics.spec, tags: ['deals'], expires_in_s: 60 } },
    },
  ])
})

test('issue() leaves the second factor on unless it is told to turn it off', async () => {
  const { admin, seen, close } = await answering(201, issued)
  await roles.sales.issue(admin, { account: 'a', requireApiToken: false, name: 'no second factor' })
  await close()
  expect(seen[0]?.body).toMatchObject({ name: 'no second factor', config: { require_api_token_auth: false } })
})

test('list() and revoke() speak to the documented paths', async () => {
  const { admin, seen, close } = await answering(200, { result: [listed] })
  expect(await admin.list('acc_1')).toEqual([listed])
  await admin.revoke('mcp_1')
  await close()
  expect(seen.map(({ line }) => line)).toEqual(['GET /integrated-account/acc_1/mcp', 'DELETE /mcp-server/mcp_1'])
})

test('runtimeToken() asks for the scope of agents and no other', async () => {
  const { admin, seen, close } = await answering(201, { id: 'tok_1', scopes: ['runtime'], token: 'qm_agents' })
  expect(await admin.runtimeToken({ tenant: 'acme', name: 'crew' })).toEqual({ id: 'tok_1', token: 'qm_agents' })
  await close()
  const body = { tenant: 'acme', name: 'crew', scopes: ['runtime'] }
  expect(seen).toEqual([{ line: 'POST /api-token', authorization: 'Bearer qm_admin_secret', body }])
})

test('rotate() asks for the overlap it was told, leaves it to the server otherwise, and returns the new URL', async () => {
  const rotated = { ...issued, old_url_until: '2026-12-01T00:00:00.000Z' }
  const { admin, seen, close } = await answering(200, rotated)
  expect(await admin.rotate('mcp 1/x')).toMatchObject({ url: issued.url, old_url_until: rotated.old_url_until })
  await admin.rotate('mcp_1', { overlapS: 0 })
  await close()
  expect(seen).toMatchObject([
    { line: 'POST /mcp-server/mcp%201%2Fx/rotate', body: {} },
    { line: 'POST /mcp-server/mcp_1/rotate', body: { overlap_s: 0 } },
  ])
})

test('rotate() of a URL that has ended is an AdminError with the status', async () => {
  const { admin, close } = await answering(409, { title: 'Conflict', detail: 'This URL is revoked or has expired.' })
  await expect(admin.rotate('mcp_1')).rejects.toMatchObject({ name: 'AdminError', status: 409 })
  await close()
})

test('a refusal becomes a readable error with its status and type', async () => {
  const problem = { type: '/problems/no-tools', title: 'Bad Request', detail: 'This configuration admits no tool.' }
  const { admin, close } = await answering(400, problem, { 'content-type': 'application/problem+json' })
  const error = await roles.sales.issue(admin, { account: 'secret-id' }).catch((e: unknown) => e)
  await close()
  expect(error).toMatchObject({
    name: 'AdminError',
    message: 'Cannot POST /integrated-account: Bad Request: This configuration admits no tool. (HTTP 400)',
    status: 400,
    type: '/problems/no-tools',
  })
})

test.each([
  ['no JSON', 200, '<html>'],
  ['something else', 200, { hello: 'world' }],
  ['a proxy’s error page', 502, '<html>'],
])('an answer that is %s is an AdminError, without the token in it', async (_name, status, body) => {
  const { admin, close } = await answering(status, body)
  const error = await admin.issue('a', { name: 'x' }).catch((e: unknown) => e)
  await close()
  expect(error).toMatchObject({ name: 'AdminError', status: 502 })
  expect(String(error)).not.toContain('secret')
})

test('adminClient() follows no redirect with its token', async () => {
  const { admin, seen, close } = await answering(307, '', { location: '/elsewhere' })
  await expect(admin.list('a')).rejects.toThrow()
  await close()
  expect(seen).toHaveLength(1)
})

test('adminClient() refuses a base URL that is none', () => {
  expect(() => adminClient({ baseUrl: 'file:///etc', token: 't' })).toThrow(TypeError)
})

test('adminClient() says that the server cannot be reached, without the path or the token', async () => {
  const fetch = () => Promise.reject(new TypeError('fetch failed'))
  const admin = adminClient({ baseUrl: 'http://127.0.0.1:1', token: 'qm_secret', fetch })
  await expect(admin.list('acc_1')).rejects.toThrow(/^Cannot reach http:\/\/127\.0\.0\.1:1: is the server running\?$/)
})

test('explain() asks with the whole toolset, and reads reasons that it does not know', async () => {
  const result = [
    { method: 'contact.list', name: 'list_all_acme_contacts', title: 'List', available: true },
    { method: 'contact.merge', name: null, title: null, available: false, why: 'eclipse', because: 'The moon.' },
  ]
  const { admin, seen, close } = await answering(200, { account_id: 'acc_1', result })
  expect(await roles.support.explain(admin, 'acc_1')).toEqual(result)
  await close()
  const asked = new URL(seen[0]?.line.replace('GET ', 'http://x') ?? '')
  expect(asked.pathname).toBe('/integrated-account/acc_1/tools')
  expect(asked.searchParams.has('explain')).toBe(true)
  expect(JSON.parse(asked.searchParams.get('config') ?? '')).toEqual(roles.support.spec)
})
