import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { admin, callTool, cliMain, type ServerProcess, serve } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts, startSandbox } from 'quartermaster'
import { afterEach, expect, test } from 'vitest'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const TOOL = 'list_all_hub_spot_contacts'

async function started(options: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const server = await serve(options, env)
  cleanups.push(() => void server.child.kill('SIGKILL'))
  return server
}

/** Runs a command to its end. */
function run(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=quartermaster-source', cliMain, ...words], {
      env: { ...process.env, ...env },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += String(chunk)
      })
    }
    child.once('exit', (code) => resolve({ code, text }))
  })
}

test.skipIf(testDatabaseServer === undefined)(
  'after a move the same URL, API token and account work from the database, and the directory is not served',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'qm-move-'))
    cleanups.push(() => rmSync(dir, { recursive: true }))
    const { sandbox, url: sandboxUrl, stop } = await startSandbox({ port: 0 })
    cleanups.push(stop)
    const database = await createTestDatabase()
    cleanups.push(() => database.drop())
    const vendors = ['--dangerously-use-vendors-at', sandboxUrl]

    const before = await started(['--data', dir, ...vendors])
    const accounts = await connectSandboxAccounts({ server: before, sandboxUrl, tenant: 'acme' })
    const account = accounts.find(({ system }) => system === 'hubspot')!
    const { body } = await admin(before, 'POST', `/integrated-account/${account.id}/mcp`, { name: 'kept' })
    const token = body['token'] as string
    expect((await callTool(before, token, TOOL)).value).toMatchObject({ result_count: 1 })

    const early = await run(['move', '--data', dir, '--to', database.url])
    expect(early).toMatchObject({ code: 1, text: /a server has it open/ })
    before.child.kill('SIGTERM')
    expect(await before.exit).toBe(0)
    // The address may come from the environment, where the list of processes does not show the password.
    const moved = await run(['move', '--data', dir], { QUARTERMASTER_DATABASE_URL: database.url })
    expect(moved).toMatchObject({ code: 0, text: /every row read back and compared, 2 grants opened/ })
    expect(moved.text).not.toContain(new URL(database.url).password)
    expect(await run(['serve', '--data', dir, '--port', '0'])).toMatchObject({ code: 1, text: /was moved to/ })

    sandbox.control('acme', 'hubspot').expireAccessTokens()
    const after = await started(['--data', dir, ...vendors], { QUARTERMASTER_DATABASE_URL: database.url })
    expect(after.adminToken).toBe(before.adminToken)
    expect((await callTool(after, token, TOOL)).value).toMatchObject({ result_count: 1 })
    const audit = (await admin(after, 'GET', '/audit')).body
    expect(JSON.stringify(audit).match(new RegExp(`"${TOOL}","phase":"outcome"`, 'g'))).toHaveLength(2)
  },
)

test('a database without keys that outlive the process is refused', async () => {
  const refused = await run(['serve', '--database-url', 'postgres://u:hunter2@127.0.0.1:1/d'], {
    QUARTERMASTER_KEYS: undefined,
  })
  expect(refused).toMatchObject({ code: 1, text: /set QUARTERMASTER_KEYS and QUARTERMASTER_ADMIN_TOKEN, or name/ })
  expect(refused.text).not.toContain('hunter2')
})
