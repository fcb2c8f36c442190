import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connectSandboxAccounts, startSandbox } from 'quartermaster'
import { afterEach, expect, test } from 'vitest'

const main = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname
const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

interface Ready {
  readonly url: string
  readonly admin_token: string
}

/** A server in a process of its own; resolves with its ready line. */
async function serve(
  ...options: string[]
): Promise<{ ready: Ready; child: ChildProcess; exit: Promise<number | null> }> {
  const child = spawn(
    process.execPath,
    ['--conditions=quartermaster-source', main, 'serve', '--port', '0', '--log-level', 'error', ...options],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  cleanups.push(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { ready: JSON.parse(line) as Ready, child, exit }
}

async function callTool({ ready }: { ready: Ready }, token: string, name: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${ready.url}/mcp/${token}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ready.admin_token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { limit: '1' } } }),
  })
  const body = (await response.json()) as { result: { content: { text: string }[] } }
  return JSON.parse(body.result.content[0]!.text) as Record<string, unknown>
}

test('two processes on one data directory share accounts and keys, and refresh once, against a strict authority', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-two-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const { sandbox, url: sandboxUrl, stop } = await startSandbox({ port: 0 })
  cleanups.push(stop)
  const control = sandbox.control('acme', 'hubspot')
  control.setTokens({ rotateRefreshTokens: true, graceMs: 0 })
  control.setWindow('ten_secondly', { limit: 10_000 })
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 10_000 })

  const options = ['--data', dir, '--dangerously-use-vendors-at', sandboxUrl]
  const [a, b] = await Promise.all([serve(...options), serve(...options)])
  expect(b.ready.admin_token).toBe(a.ready.admin_token)
  for (const file of readdirSync(dir)) expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0])

  const server = { url: a.ready.url, adminToken: a.ready.admin_token }
  const accounts = await connectSandboxAccounts({ server, sandboxUrl, tenant: 'acme' })
  const account = accounts.find(({ system }) => system === 'hubspot')!
  const issued = await fetch(`${a.ready.url}/integrated-account/${account.id}/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${a.ready.admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'both' }),
  })
  const { token } = (await issued.json()) as { token: string }

  for (let round = 0; round < 3; round++) {
    control.expireAccessTokens()
    control.resetCounters()
    const calls = Array.from({ length: 25 }, () =>
      [a, b].map((process) => callTool(process, token, 'list_all_hub_spot_contacts')),
    )
    const answers = await Promise.all(calls.flat())
    expect(answers.filter(({ result_count }) => result_count !== 1)).toEqual([])
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
  const again = await serve(...options)
  expect(await callTool(again, token, 'list_all_hub_spot_contacts')).toMatchObject({ result_count: 1 })
})

test('a data directory with other keys is refused with a readable error, and a readable key file too', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-keys-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const first = await serve('--data', dir)
  first.child.kill('SIGTERM')
  await first.exit
  const run = (env: NodeJS.ProcessEnv) =>
    new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn(
        process.execPath,
        ['--conditions=quartermaster-source', main, 'serve', '--port', '0', '--data', dir],
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
