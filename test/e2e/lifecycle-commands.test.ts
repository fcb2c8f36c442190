import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cliMain, openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

const run = async (...words: string[]) => {
  const env = {
    ...process.env,
    QUARTERMASTER_URL: testbed.server.url,
    QUARTERMASTER_ADMIN_TOKEN: testbed.server.adminToken,
  }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=quartermaster-source', cliMain, ...words],
    { env: { ...env, NO_COLOR: '1' } },
  )
  return stdout
}
const statusOf = async (url: string) => (await testbed.rpc(url, 'tools/list')).status

test('servers list, rotate, change and revoke', async () => {
  const issued = await testbed.issue('hubspot', { methods: ['read'] })
  const url = (await run('servers', 'rotate', issued.id, '--overlap', '2h', '--url-only')).trim()
  expect([await statusOf(issued.url), await statusOf(url)]).toEqual([200, 200])
  expect(await run('servers', 'list', testbed.accounts['hubspot']!)).toMatch(
    new RegExp(`${issued.id}.*the old URL until`),
  )
  expect(await run('servers', 'rotate', issued.id, '--overlap', '0s')).toContain('the old URL has stopped')
  expect([await statusOf(issued.url), await statusOf(url)]).toEqual([401, 401])
  const changed = await run('servers', 'change', issued.id, '--name', 'reader', '--ends', '2026-12-24T00:00:00Z')
  expect(changed).toMatch(/^reader \(mcp_\w+\) works until/)
  await expect(run('servers', 'change', issued.id, '--ends', '2099-01-01T00:00:00Z')).rejects.toMatchObject({
    stderr: /can only be made to end earlier/,
  })
  expect(await run('servers', 'revoke', issued.id)).toContain('is revoked')
  await expect(run('servers', 'rotate', issued.id)).rejects.toMatchObject({ code: 1, stderr: /revoked or has expired/ })
  await expect(run('servers', 'rotate', issued.id, '--overlap', 'soon')).rejects.toMatchObject({
    stderr: /Write a duration/,
  })
})

test('tokens rotate shows the new secret once', async () => {
  const { body } = await testbed.admin('POST', '/api-token', { tenant: 'acme', name: 'ci', scopes: ['audit'] })
  const { id, token } = body as { id: string; token: string }
  const shown = /qm_\w{28}/.exec(await run('tokens', 'rotate', id, '--overlap', '0s'))![0]
  expect(await testbed.admin('GET', '/audit', undefined, shown)).toMatchObject({ status: 200 })
  expect(await testbed.admin('GET', '/audit', undefined, token)).toMatchObject({ status: 401 })
})

test('revoke asks first, then revokes the tenant and says how much', async () => {
  const issued = await testbed.issue('salesforce')
  await testbed.admin('POST', '/api-token', { tenant: 'acme', name: 'ci', scopes: ['audit'] })
  await expect(run('revoke', '--tenant', 'acme')).rejects.toMatchObject({ code: 1, stderr: /say --yes/ })
  expect(await statusOf(issued.url)).toBe(200)
  expect(await run('revoke', '--tenant', 'acme', '--what', 'urls', '--yes')).toMatch(/^acme: \d+ URLs and 0 API tokens/)
  expect(await statusOf(issued.url)).toBe(401)
  const { revoked, disconnected } = JSON.parse(
    await run('revoke', '--tenant', 'acme', '--disconnect-accounts', '--yes', '--json'),
  ) as { revoked: object; disconnected: object }
  expect({ revoked, disconnected }).toEqual({
    revoked: { urls: 0, api_tokens: 2 },
    disconnected: { accounts: 2, connect_links: 0 },
  })
  await expect(run('revoke', '--tenant', 'no such/tenant', '--yes')).rejects.toMatchObject({
    stderr: /not the name of a tenant/,
  })
  for (const words of [['servers', 'rotate'], ['revoke'], ['tokens', 'rotate']]) {
    expect(await run(...words, '--help')).toContain('--server <url>')
  }
})
