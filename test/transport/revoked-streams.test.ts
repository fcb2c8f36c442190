/** @module A stream in one process ends when another process revokes what it stands on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { admin, serve } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts, startSandbox } from 'quartermaster'
import { afterEach, expect, test } from 'vitest'
import { openSse } from './raw-sse.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

test('a stream ends within a second of a revocation in another process', async () => {
  await felt([])
})

test.skipIf(testDatabaseServer === undefined)(
  'on PostgreSQL a stream ends within a second of a revocation in another process',
  async () => {
    const database = await createTestDatabase()
    cleanups.push(() => database.drop())
    await felt(['--database-url', database.url])
  },
)

async function felt(more: readonly string[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-streams-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const { url: sandboxUrl, stop } = await startSandbox({ port: 0 })
  cleanups.push(stop)
  const options = ['--data', dir, ...more, '--dangerously-use-vendors-at', sandboxUrl]
  const [here, there] = await Promise.all([serve(options), serve(options)])
  cleanups.push(() => void [here, there].map(({ child }) => child.kill('SIGKILL')))
  const accounts = await connectSandboxAccounts({ server: here, sandboxUrl, tenant: 'acme' })
  const account = accounts.find(({ system }) => system === 'hubspot')!
  const issue = async () => (await admin(here, 'POST', `/integrated-account/${account.id}/mcp`, { name: 's' })).body
  const [first, second, third] = [await issue(), await issue(), await issue()]
  const bearer = (await admin(here, 'POST', '/api-token', { name: 's', tenant: 'acme', scopes: ['runtime'] })).body
  const ways = [
    [`/mcp-server/${first['id']}`, first['token'], here.adminToken],
    [`/api-token/${bearer['id']}`, second['token'], bearer['token']],
    [`/integrated-account/${account.id}`, third['token'], here.adminToken],
  ]
  for (const [path, token, key] of ways) {
    const sse = await openSse(`${there.url}/mcp/${token}`, { authorization: `Bearer ${key}` })
    expect((await sse.ask(1, 'ping')).result).toEqual({})
    expect((await admin(here, 'DELETE', String(path))).status).toBe(204)
    // How soon is counted in rounds of fake time: packages/server/src/mcp/sse-sessions.test.ts.
    await sse.ended
  }
}
