/** @module A real process that is asked to stop while it is busy: what is under way ends well, and it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, listen } from '@quartermaster/sandbox'
import { until, untilRefused } from '@quartermaster/testing'
import { admin, callTool, serve } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts } from 'quartermaster'
import { afterEach, expect, test } from 'vitest'
import { openSse } from './raw-sse.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const TOOL = 'list_all_hub_spot_contacts'

test('SIGTERM: calls under way finish on every transport, nothing new begins, streams end, exit 0', async () => {
  const held: (() => void)[] = []
  const sandbox = createSandbox({ tenants: ['acme'], sleep: () => new Promise((go) => void held.push(go)) })
  const { url: sandboxUrl, close } = await listen(sandbox)
  cleanups.push(close)
  const control = sandbox.control('acme', 'hubspot')
  const dir = mkdtempSync(join(tmpdir(), 'qm-drain-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const server = await serve(['--data', dir, '--dangerously-use-vendors-at', sandboxUrl])
  cleanups.push(() => void server.child.kill('SIGKILL'))
  const accounts = await connectSandboxAccounts({ server, sandboxUrl, tenant: 'acme' })
  const account = accounts.find(({ system }) => system === 'hubspot')!
  const { body } = await admin(server, 'POST', `/integrated-account/${account.id}/mcp`, { name: 'drain' })
  const token = body['token'] as string
  const bearer = { authorization: `Bearer ${server.adminToken}` }
  await callTool(server, token, TOOL)
  const [busy, idle] = [
    await openSse(`${server.url}/mcp/${token}`, bearer),
    await openSse(`${server.url}/mcp/${token}/sse`, bearer),
  ]

  control.resetCounters()
  // The system keeps its answers until it is let go.
  control.arm({ kind: 'latency', ms: 1, times: 3 })
  const overMcp = callTool(server, token, TOOL)
  const overHttp = fetch(`${server.url}/mcp/${token}/tools/${TOOL}`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: '{"limit":"1"}',
  })
  const overSse = busy.ask(1, 'tools/call', { name: TOOL, arguments: { limit: '1' } })
  await until(() => held.length === 3)

  server.child.kill('SIGTERM')
  await idle.ended
  // The stream that owes nothing has ended before the calls have.
  for (const go of held) go()
  // Who had connected is still served; then the port is closed.
  await untilRefused(Number(new URL(server.url).port))

  expect((await overMcp).value).toMatchObject({ result_count: 1 })
  expect(await (await overHttp).json()).toMatchObject({ result_count: 1 })
  expect(JSON.parse((await overSse).result!.content![0]!.text)).toMatchObject({ result_count: 1 })
  await busy.ended
  expect(await server.exit).toBe(0)
  expect(server.log()).toBe('')
})

test('SIGTERM: whoever holds a connection and asks for nothing, or half of something, does not hold the process', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-drain-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const server = await serve(['--data', dir])
  cleanups.push(() => void server.child.kill('SIGKILL'))
  const { connect } = await import('node:net')
  const port = Number(new URL(server.url).port)
  const sockets = ['', 'POST /mcp/x HTTP/1.1\r\nHost: local'].map((bytes) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('error', () => {})
    return socket
  })
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  server.child.kill('SIGTERM')
  expect(await server.exit).toBe(0)
})
