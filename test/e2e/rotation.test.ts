import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { adminClient } from '@quartermaster/toolsets'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

const TOOL = 'list_all_hub_spot_contacts'
interface Rotated {
  readonly id: string
  readonly url: string
  readonly token: string
  readonly config: unknown
  readonly expires_at: string
  readonly old_url_until: string | null
}
const statusOf = async (url: string, bearer?: string) =>
  (
    await testbed.rpc(
      url,
      'tools/call',
      { name: TOOL, arguments: { limit: '1' } },
      bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    )
  ).status
const rotate = async (id: string, body: object = {}) => {
  const { status, body: made } = await testbed.admin('POST', `/mcp-server/${id}/rotate`, body)
  expect(status).toBe(200)
  return made as Rotated
}
const toolsOf = async (url: string) =>
  (await testbed.rpc(url, 'tools/list')).body.result!.tools!.map(({ name }) => name)

test('a rotated URL and the old one show the same tools; the old one ends with the overlap, the oldest at once', async () => {
  const issued = await testbed.issue('hubspot', { methods: ['read'], tags: ['contacts'], pii: 'mask' })
  const before = Date.now()
  const next = await rotate(issued.id)
  expect(next).toMatchObject({ id: issued.id, config: issued.config, expires_at: issued.expires_at })
  expect(next.token).not.toBe(issued.token)
  const overlap = Date.parse(next.old_url_until!) - before
  expect(overlap).toBeGreaterThanOrEqual(86_400_000)
  expect(overlap).toBeLessThan(86_460_000)
  expect(await toolsOf(next.url)).toEqual(await toolsOf(issued.url))
  expect(await toolsOf(next.url)).not.toEqual([])
  expect([await statusOf(issued.url), await statusOf(next.url)]).toEqual([200, 200])

  const third = await rotate(issued.id)
  expect([await statusOf(issued.url), await statusOf(next.url), await statusOf(third.url)]).toEqual([401, 200, 200])
  const last = await rotate(issued.id, { overlap_s: 0 })
  expect(last.old_url_until).toBe(null)
  expect([await statusOf(next.url), await statusOf(third.url), await statusOf(last.url)]).toEqual([401, 401, 200])
  // It is refused word for word as a URL that never was.
  const unknown = await testbed.rpc(issued.url.replace(/.{28}$/, '0'.repeat(28)), 'tools/list')
  const ended = await testbed.rpc(third.url, 'tools/list')
  const words = (text: string) => ({ ...JSON.parse(text), request_id: '' })
  expect(words(ended.text)).toEqual(words(unknown.text))
})

test('the admin client rotates a URL, with and without an overlap', async () => {
  const admin = adminClient({ baseUrl: testbed.server.url, token: testbed.server.adminToken })
  const issued = await testbed.issue('hubspot')
  const before = Date.now()
  const second = await admin.rotate(issued.id, { overlapS: 60 })
  expect(Date.parse(second.old_url_until ?? '') - before).toBeLessThan(120_000)
  expect([await statusOf(issued.url), await statusOf(second.url)]).toEqual([200, 200])
  const third = await admin.rotate(issued.id, { overlapS: 0 })
  expect(third.old_url_until).toBe(null)
  expect([await statusOf(second.url), await statusOf(third.url)]).toEqual([401, 200])
  await admin.revoke(issued.id)
  await expect(admin.rotate(issued.id)).rejects.toMatchObject({ status: 409 })
})

test('revoking ends both URLs, and what has ended is not rotated or changed', async () => {
  const issued = await testbed.issue('hubspot')
  const next = await rotate(issued.id, { overlap_s: 604_800 })
  await testbed.admin('DELETE', `/mcp-server/${issued.id}`)
  expect([await statusOf(issued.url), await statusOf(next.url)]).toEqual([401, 401])
  expect((await testbed.admin('POST', `/mcp-server/${issued.id}/rotate`, {})).status).toBe(409)
  expect((await testbed.admin('PATCH', `/mcp-server/${issued.id}`, { name: 'x' })).status).toBe(409)
})

test('a URL is renamed or ends earlier; nothing widens it', async () => {
  const issued = await testbed.issue('hubspot')
  const patch = (body: unknown) => testbed.admin('PATCH', `/mcp-server/${issued.id}`, body)
  const sooner = new Date(Date.parse(issued.expires_at) - 1_000).toISOString()
  expect(await patch({ name: 'renamed', expires_at: sooner })).toMatchObject({
    status: 200,
    body: { name: 'renamed', expires_at: sooner, config: issued.config },
  })
  for (const body of [
    {},
    { expires_at: issued.expires_at },
    { expires_at: 'tomorrow' },
    { expires_at: 9e15 },
    { name: '' },
    { config: { methods: ['write'] } },
    { methods: ['write'] },
    { pii: 'full' },
    { account_id: 'acc_1' },
    { revoked_at: null },
  ]) {
    expect([body, (await patch(body)).status]).toEqual([body, 400])
  }
  for (const overlap_s of [-1, 604_801, 1.5, '60', null, 1e99]) {
    const { status } = await testbed.admin('POST', `/mcp-server/${issued.id}/rotate`, { overlap_s })
    expect([overlap_s, status]).toEqual([overlap_s, 400])
  }
  expect((await testbed.admin('GET', `/mcp-server/${issued.id}`)).body).toMatchObject({
    config: issued.config,
    expires_at: sooner,
    revoked_at: null,
    old_url_until: null,
  })
  await patch({ expires_at: '2020-01-01T00:00:00Z' })
  expect(await statusOf(issued.url)).toBe(401)
})

test("an API token rotates with its scopes; the installation's own does not", async () => {
  const { url } = await testbed.issue('hubspot')
  const made = await testbed.admin('POST', '/api-token', { tenant: 'acme', name: 'ci', scopes: ['runtime'] })
  const { id, token } = made.body as { id: string; token: string }
  const next = (await testbed.admin('POST', `/api-token/${id}/rotate`, {})).body as typeof made.body & { token: string }
  expect(next).toMatchObject({ id, scopes: ['runtime'], tenant: 'acme' })
  expect([await statusOf(url, token), await statusOf(url, next.token)]).toEqual([200, 200])
  const last = (await testbed.admin('POST', `/api-token/${id}/rotate`, { overlap_s: 0 })).body as { token: string }
  expect([await statusOf(url, token), await statusOf(url, next.token), await statusOf(url, last.token)]).toEqual([
    401, 401, 200,
  ])
  const { result } = (await testbed.admin('GET', '/api-token')).body as {
    result: { id: string; tenant: string | null }[]
  }
  const own = result.find(({ tenant }) => tenant === null)!
  expect((await testbed.admin('POST', `/api-token/${own.id}/rotate`, {})).status).toBe(409)
  expect((await testbed.admin('GET', '/audit')).status).toBe(200)
})
