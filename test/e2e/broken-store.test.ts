import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admin, callTool, type ServerProcess, serve } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts, startSandbox } from 'quartermaster'
import { expect, onTestFinished, test } from 'vitest'

const TOOL = 'list_all_hub_spot_contacts'

/** A server in a process of its own, with an account and a URL. */
async function startServed() {
  const dir = mkdtempSync(join(tmpdir(), 'qm-broken-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const { url: sandboxUrl, stop } = await startSandbox({ port: 0 })
  onTestFinished(stop)
  const server = await serve(['--data', dir, '--dangerously-use-vendors-at', sandboxUrl])
  onTestFinished(() => void server.child.kill('SIGKILL'))
  const accounts = await connectSandboxAccounts({ server, sandboxUrl, tenant: 'acme' })
  const account = accounts.find(({ system }) => system === 'hubspot')!.id
  const issued = (await admin(server, 'POST', `/integrated-account/${account}/mcp`, { name: 'x' })).body
  const call = () => callTool(server, issued['token'] as string, TOOL)
  expect((await call()).value).toMatchObject({ result_count: 1 })
  return { dir, server, account, call }
}

/** Asks until it is so; what is ready is found out once a second. */
async function becomes(server: ServerProcess, status: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${server.url}/readyz`)
    await answer.text()
    if (answer.status === status) return
  }
}

async function audited({ server }: { server: ServerProcess }): Promise<number> {
  return ((await admin(server, 'GET', '/audit')).body['result'] as unknown[]).length
}

test('a database file that is deleted makes the server unready and its answers typed; back in place, nothing is lost', async () => {
  const served = await startServed()
  const { dir, server, account, call } = served
  await becomes(server, 200)
  const before = await audited(served)
  const path = join(dir, 'quartermaster.db')
  renameSync(path, `${path}.away`)
  await becomes(server, 503)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  const refused = await call()
  expect([refused.status, refused.value['title']]).toEqual([503, 'Unavailable'])
  for (const [method, at] of [
    ['DELETE', `/integrated-account/${account}`],
    ['POST', `/integrated-account/${account}/refresh`],
    ['GET', '/integrated-account'],
  ] as const) {
    expect([at, (await admin(server, method, at)).body['status']]).toEqual([at, 503])
  }
  renameSync(`${path}.away`, path)
  await becomes(server, 200)
  expect((await call()).value).toMatchObject({ result_count: 1 })
  expect(await audited(served)).toBeGreaterThan(before)
  expect((await admin(server, 'GET', `/integrated-account/${account}`)).body['status']).toBe('active')
})

test('a disk that takes no more makes the server unready and its answers typed; with room again, nothing is lost', async () => {
  const served = await startServed()
  const { dir, server, account, call } = served
  const before = await audited(served)
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(server.child.pid), `--fsize=${bytes}:`])
  // No file may grow beyond what the smallest write needs; Node is told so, and not killed (setrlimit(2)).
  limit('1')
  await becomes(server, 503)
  const failed = await call()
  expect(failed.value['error'] ?? failed.value).toMatchObject(
    failed.status === 503 ? { title: 'Unavailable' } : { code: expect.stringMatching(/unavailable|internal/) },
  )
  expect((await admin(server, 'DELETE', `/integrated-account/${account}`)).status).toBe(503)
  limit('unlimited')
  await becomes(server, 200)
  expect((await call()).value).toMatchObject({ result_count: 1 })
  expect(await audited(served)).toBeGreaterThan(before)
  expect((await admin(server, 'GET', `/integrated-account/${account}`)).body['status']).toBe('active')
  expect(readFileSync(join(dir, 'quartermaster.db')).subarray(0, 15).toString()).toBe('SQLite format 3')
})
