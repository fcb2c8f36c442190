import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { admin, callTool, type ServerProcess, serve } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts, startSandbox } from 'quartermaster'
import { afterEach, expect, test } from 'vitest'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const TOOL = 'list_all_hub_spot_contacts'
const ROUNDS = 3

test('a revoked URL, a revoked API token and a disconnected account stop working in every process within a second', async () => {
  await felt([])
})

test.skipIf(testDatabaseServer === undefined)(
  'on PostgreSQL a revoked URL, a revoked API token and a disconnected account stop working in every process within a second',
  async () => {
    const database = await createTestDatabase()
    cleanups.push(() => database.drop())
    await felt(['--database-url', database.url])
  },
)

/** Revokes through one process, and has the other one refuse the very next call: nothing is remembered from the last. */
async function felt(more: readonly string[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-revoke-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const { sandbox, url: sandboxUrl, stop } = await startSandbox({ port: 0 })
  cleanups.push(stop)
  const control = sandbox.control('acme', 'hubspot')
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 1_000_000 })
  const options = ['--data', dir, ...more, '--dangerously-use-vendors-at', sandboxUrl]
  const [here, there] = await Promise.all([serve(options), serve(options)])
  cleanups.push(() => void [here, there].map(({ child }) => child.kill('SIGKILL')))

  for (let round = 0; round < ROUNDS; round++) {
    const accounts = await connectSandboxAccounts({ server: here, sandboxUrl, tenant: 'acme' })
    const account = accounts.find(({ system }) => system === 'hubspot')!
    const issue = async () => (await admin(here, 'POST', `/integrated-account/${account.id}/mcp`, { name: 'r' })).body
    const [first, second, third] = [await issue(), await issue(), await issue()]
    const bearer = (await admin(here, 'POST', '/api-token', { name: 'r', tenant: 'acme', scopes: ['runtime'] })).body
    const ways: [path: string, url: string, bearer: string][] = [
      [`/mcp-server/${first['id']}`, first['token'] as string, here.adminToken],
      [`/api-token/${bearer['id']}`, second['token'] as string, bearer['token'] as string],
      [`/integrated-account/${account.id}`, third['token'] as string, here.adminToken],
    ]
    for (const [path, url, token] of ways) {
      // It works in the other process, which now knows it as well as it ever will.
      expect((await callTool(there, url, TOOL, token)).value).toMatchObject({ result_count: 1 })
      expect((await admin(here, 'DELETE', path)).status).toBe(204)
      expect((await callTool(there, url, TOOL, token)).status).toBe(401)
    }
  }
  await revokeTenant(here, there, sandboxUrl)
}

const URLS = 8

/** Revokes a tenant through one process, and has the other one refuse each of its URLs and tokens at once. */
async function revokeTenant(here: ServerProcess, there: ServerProcess, sandboxUrl: string): Promise<void> {
  const order = { what: 'all', disconnect_accounts: true }
  await admin(here, 'POST', '/tenant/acme/revoke', order)
  const accounts = await connectSandboxAccounts({ server: here, sandboxUrl, tenant: 'acme' })
  const path = `/integrated-account/${accounts.find(({ system }) => system === 'hubspot')!.id}/mcp`
  const urls = await Promise.all(
    Array.from({ length: URLS }, async () => (await admin(here, 'POST', path, { name: 'r' })).body['token'] as string),
  )
  const made = await admin(here, 'POST', '/api-token', { name: 'r', tenant: 'acme', scopes: ['runtime'] })
  const bearer = made.body['token'] as string
  await admin(here, 'POST', '/connect-session', { tenant: 'acme', system: 'hubspot' })
  const call = (url: string, by?: string) => callTool(there, url, TOOL, by)
  for (const url of urls) expect((await call(url, bearer)).status).toBe(200)

  const answer = await admin(here, 'POST', '/tenant/acme/revoke', order)
  expect(answer.body).toEqual({
    tenant: 'acme',
    revoked: { urls: URLS, api_tokens: 1 },
    disconnected: { accounts: accounts.length, connect_links: 1 },
  })
  // An operator's token is nobody's to revoke here, so these fail for the URL's sake.
  for (const url of urls) expect((await call(url)).status).toBe(401)
  expect((await call(urls[0]!, bearer)).status).toBe(401)
  for (const { id } of accounts) await takenBack(there, id)
}

/** The background of either process tells the system; nobody waited for it. */
async function takenBack(server: ServerProcess, account: string): Promise<void> {
  for (;;) {
    const { body } = await admin(server, 'GET', `/integrated-account/${account}`)
    expect(body['status']).toBe('disconnected')
    if (body['reason'] === 'revoked') return
    expect(body['reason']).toBe('revoking')
  }
}
