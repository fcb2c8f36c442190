import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { testDatabaseServer } from '@quartermaster/testing'
import { admin, callTool, type ServerProcess, serve, startPostgres } from '@quartermaster/testing/testbed'
import { connectSandboxAccounts, startSandbox } from 'quartermaster'
import { afterEach, expect, test } from 'vitest'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const TOOL = 'list_all_hub_spot_contacts'
/** Longer than a lease, so that the one that is held when the database goes has ended when it comes back. */
const OUTAGE_MS = 1_000 * Number(process.env['QUARTERMASTER_TEST_OUTAGE_S'] ?? 12)

/** Two servers on a database of their own, one account, one URL. */
async function installation() {
  const dir = mkdtempSync(join(tmpdir(), 'qm-outage-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const { sandbox, url: sandboxUrl, stop } = await startSandbox({ port: 0 })
  cleanups.push(stop)
  const control = sandbox.control('acme', 'hubspot')
  control.setTokens({ rotateRefreshTokens: true, graceMs: 0 })
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 1_000_000 })
  const cluster = await startPostgres()
  cleanups.push(() => cluster.remove())
  const options = ['--data', dir, '--database-url', cluster.url, '--dangerously-use-vendors-at', sandboxUrl]
  const servers = await Promise.all([serve(options), serve(options)])
  cleanups.push(() => void servers.map(({ child }) => child.kill('SIGKILL')))
  const [a, b] = servers
  const accounts = await connectSandboxAccounts({ server: a, sandboxUrl, tenant: 'acme' })
  const account = accounts.find(({ system }) => system === 'hubspot')!.id
  const { body } = await admin(a, 'POST', `/integrated-account/${account}/mcp`, { name: 'both' })
  const works = async (server: ServerProcess) => (await callTool(server, body['token'] as string, TOOL)).value
  for (const server of servers) expect(await works(server)).toMatchObject({ result_count: 1 })
  return { cluster, control, a, b, servers, account, token: body['token'] as string, works }
}

async function until(condition: () => Promise<boolean> | boolean): Promise<number> {
  const startedAt = performance.now()
  while (!(await condition())) {
    await pause(10)
  }
  return Math.round(performance.now() - startedAt)
}

test.skipIf(testDatabaseServer === undefined)(
  'while the database is gone every call gets a typed refusal, and when it is back nothing is lost, not even a refresh under way',
  async () => {
    const { cluster, control, a, servers, account, token, works } = await installation()
    control.resetCounters()
    control.expireAccessTokens()
    control.arm({ kind: 'latency', path: '/oauth/*', ms: 2_000 })
    const caught = callTool(a, token, TOOL)
    await until(() => control.faults().length === 0)
    // The old refresh token is being exchanged at this moment, and there is nowhere to put the new one.
    await cluster.ctl('stop', '-m', 'immediate')
    const goneAt = performance.now()
    expect((await caught).value).toMatchObject({ error: { code: 'audit_unavailable', retry_after_s: 60 } })

    let refusals = 0
    let slowest = 0
    while (performance.now() - goneAt < OUTAGE_MS) {
      for (const server of servers) {
        const askedAt = performance.now()
        const { status, value } = await callTool(server, token, TOOL)
        slowest = Math.max(slowest, performance.now() - askedAt)
        expect({ status, value }).toMatchObject({
          status: 503,
          value: { status: 503, detail: /store does not answer/ },
        })
        refusals += 1
        expect((await admin(server, 'GET', '/healthz')).status).toBe(200)
        expect((await admin(server, 'GET', '/readyz')).status).toBe(503)
        expect((await admin(server, 'GET', '/integrated-account')).status).toBe(503)
      }
      await pause(200)
    }
    await cluster.ctl('start')

    const recovered = await Promise.all(
      servers.map((server) => until(async () => 'result_count' in (await works(server)))),
    )
    console.log(
      JSON.stringify({ outage_ms: OUTAGE_MS, refusals, slowest_ms: Math.round(slowest), recovered_ms: recovered }),
    )
    const { tokenCalls, refreshTokenReuses } = control.counters()
    expect({ tokenCalls, refreshTokenReuses }).toEqual({ tokenCalls: { refresh_token: 1 }, refreshTokenReuses: 0 })
    expect((await admin(a, 'GET', `/integrated-account/${account}`)).body).toMatchObject({ status: 'active' })
    for (const { child } of servers) child.kill('SIGTERM')
    expect(await Promise.all(servers.map(({ exit }) => exit))).toEqual([0, 0])
    for (const server of servers) expect(server.log()).not.toContain(new URL(cluster.url).password)
  },
)

test.skipIf(testDatabaseServer === undefined)(
  'the lease of a killed process is taken over at once, and the database restarting makes nobody look dead',
  async () => {
    const { cluster, control, a, b, token, works } = await installation()
    // A restart frees every lock; the processes take theirs again and go on.
    await cluster.ctl('restart', '-m', 'fast')
    for (const server of [a, b]) await until(async () => 'result_count' in (await works(server)))

    control.resetCounters()
    control.expireAccessTokens()
    control.arm({ kind: 'latency', path: '/oauth/*', ms: 3_000 })
    const caught = callTool(a, token, TOOL).catch(() => 'gone')
    await until(() => control.faults().length === 0)
    // While the holder lives, nobody else sends its refresh token.
    const waiting = works(b)
    a.child.kill('SIGKILL')
    const killedAt = performance.now()
    expect(await caught).toBe('gone')
    expect(await waiting).toMatchObject({ result_count: 1 })
    // How soon is asked with a clock of our own: packages/server/src/vault/token-source.test.ts.
    console.log(JSON.stringify({ usable_again_ms: Math.round(performance.now() - killedAt) }))
  },
)

test.skipIf(testDatabaseServer === undefined)('a server does not start on a database that skips fsync', async () => {
  const cluster = await startPostgres()
  cleanups.push(() => cluster.remove())
  await cluster.ctl('restart', '-m', 'fast', '-o', '-c fsync=off -c full_page_writes=off')
  const dir = mkdtempSync(join(tmpdir(), 'qm-outage-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  await expect(serve(['--data', dir, '--database-url', cluster.url])).rejects.toThrow(
    /ended with 1: .*Cannot open the database at 127\.0\.0\.1:\d+\/postgres: fsync is off.*; full_page_writes is off/,
  )
})
