/**
 * @module
 * The whole house on a data directory of its own, with canaries planted in the faked systems. What is at rest and what
 * was logged can be searched like what was answered.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { McpServerConfigInput } from '@quartermaster/protocol'
import { createSandbox, listen, type VendorControl, type World } from '@quartermaster/sandbox'
import { pino } from 'pino'
import { connectSandboxAccounts, sandboxApp, startServer } from 'quartermaster'

export const TENANT = 'acme'

export interface Stage {
  readonly url: string
  readonly adminToken: string
  /** By system. */
  readonly accounts: Readonly<Record<string, string>>
  readonly logs: readonly string[]
  control(system: string): VendorControl
  /** An admin call; the whole answer as text. */
  admin(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }>
  issue(system: string, config: McpServerConfigInput): Promise<string>
  /** Writes the classification file anew and tells the server. */
  reclassify(text: string): void
  /** Every byte of the database, as text. */
  atRest(): string
  close(): Promise<void>
}

export async function openStage(
  plant?: (world: World) => World,
  options: { readonly classification?: string } = {},
): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'quartermaster-canaries-'))
  const sandbox = createSandbox({ tenants: [TENANT, 'globex'], ...(plant ? { plant } : {}) })
  const vendors = await listen(sandbox, 0)
  const logs: string[] = []
  const sink = new PassThrough()
  sink.on('data', (chunk: Buffer) => logs.push(chunk.toString('utf8')))
  const classificationFile = join(dataDir, 'classification.yaml')
  if (options.classification !== undefined) writeFileSync(classificationFile, options.classification)
  const server = await startServer({
    ...(options.classification === undefined ? {} : { classificationFile }),
    dataDir,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    allowedHosts: [],
    app: () => sandboxApp,
    log: pino({ level: 'debug' }, sink),
    env: {},
    quotaShare: false,
    inbound: { ratePerS: 100_000, burst: 100_000 },
    dangerousVendorBase: (tenant, system) => `${vendors.url}/${tenant}/${system}`,
  })
  const connected = await connectSandboxAccounts({ server, sandboxUrl: vendors.url, tenant: TENANT })
  for (const { system } of connected) {
    // Reading everything takes more calls than the windows allow; quotas have tests of their own.
    const control = sandbox.control(TENANT, system)
    for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 1_000_000 })
  }
  const accounts = Object.fromEntries(connected.map(({ id, system }) => [system, id]))
  const admin: Stage['admin'] = async (method, path, body) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }
  return {
    url: server.url,
    adminToken: server.adminToken,
    accounts,
    logs,
    control: (system) => sandbox.control(TENANT, system),
    admin,
    async issue(system, config) {
      const { status, text } = await admin('POST', `/integrated-account/${accounts[system]}/mcp`, {
        name: 'sweep',
        config,
      })
      if (status !== 201) throw new Error(`Cannot issue: ${status} ${text}`)
      return (JSON.parse(text) as { url: string }).url
    },
    reclassify(text) {
      writeFileSync(classificationFile, text)
      process.emit('SIGHUP')
    },
    atRest: () =>
      readdirSync(dataDir)
        .filter((name) => name.startsWith('quartermaster.db'))
        .map((name) => readFileSync(join(dataDir, name)).toString('utf8'))
        .join('\n'),
    async close() {
      await server.stop()
      await vendors.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
