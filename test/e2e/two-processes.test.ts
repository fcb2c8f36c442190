import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
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

async function started(options: readonly string[]): Promise<ServerProcess> {
  const server = await serve(options)
  cleanups.push(() => void server.child.kill('SIGKILL'))
  return server
}

test('two processes on one data directory share accounts and keys, and refresh once, against a strict authority', async () => {
  await refreshOnceTogether([])
})

test.skipIf(testDatabaseServer === undefined)(
  'two processes on one PostgreSQL database share accounts and keys, and refresh once, against a strict authority',
  async () => {
    const database = await createTestDatabase()
    cleanups.push(() => database.drop())
    await refreshOnceTogether(['--database-url', database.url])
  },
)

async function refreshOnceTogether(more: readonly string[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-two-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const { sandbox, url: sandboxUrl, stop } = await startSandbox({ port: 0 })
  cleanups.push(stop)
  const control = sandbox.control('acme', 'hubspot')
  control.setTokens({ rotateRefreshTokens: true, graceMs: 0 })
  control.setWindow('ten_secondly', { limit: 10_000 })
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 10_000 })

  // Every call meets a refused token first, which is more than a budget learned from nothing would let through.
  const options = ['--data', dir, ...more, '--quota-share', 'off', '--dangerously-use-vendors-at', sandboxUrl]
  const [a, b] = await Promise.all([started(options), started(options)])
  expect(b.adminToken).toBe(a.adminToken)
  for (const file of readdirSync(dir)) expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0])

  const accounts = await connectSandboxAccounts({ server: a, sandboxUrl, tenant: 'acme' })
  const account = accounts.find(({ system }) => system === 'hubspot')!
  const issued = await admin(a, 'POST', `/integrated-account/${account.id}/mcp`, { name: 'both' })
  const token = issued.body['token'] as string

  for (let round = 0; round < 3; round++) {
    control.expireAccessTokens()
    control.resetCounters()
    const calls = Array.from({ length: 25 }, () =>
      [a, b].map((process) => callTool(process, token, 'list_all_hub_spot_contacts')),
    )
    const answers = await Promise.all(calls.flat())
    expect(answers.filter(({ value }) => value['result_count'] !== 1)).toEqual([])
    const { tokenCalls, refreshTokenReuses } = control.counters()
    expect({ round, tokenCalls, refreshTokenReuses }).toEqual({
      round,
      tokenCalls: { refresh_token: 1 },
      refreshTokenReuses: 0,
    })
  }

  // Asked to stop, each finishes and says so with exit code 0; the next one on the directory knows everything.
  a.child.kill('SIGTERM')
  b.child.kill('SIGINT')
  expect(await Promise.all([a.exit, b.exit])).toEqual([0, 0])
  const again = await started(options)
  expect((await callTool(again, token, 'list_all_hub_spot_contacts')).value).toMatchObject({ result_count: 1 })
}

test('a data directory with other keys is refused with a readable error, and a readable key file too', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-keys-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const first = await started(['--data', dir])
  first.child.kill('SIGTERM')
  await first.exit
  const run = (env: NodeJS.ProcessEnv) =>
    new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn(
        process.execPath,
        ['--conditions=quartermaster-source', cliMain, 'serve', '--port', '0', '--data', dir],
        {
          env: { ...process.env, ...env },
        },
      )
      let text = ''
      child.stderr.on('data', (chunk) => {
        text += String(chunk)
      })
      child.once('exit', (code) => resolve({ code, text }))
    })
  const wrong = await run({ QUARTERMASTER_KEYS: `1:${'A'.repeat(43)}` })
  expect(wrong).toMatchObject({ code: 1, text: /sealed with keys that are not in this key ring/ })
  const nonsense = await run({ QUARTERMASTER_KEYS: 'hunter2' })
  expect(nonsense.code).toBe(1)
  expect(nonsense.text).not.toContain('hunter2')
})
