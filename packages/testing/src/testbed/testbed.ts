/**
 * @module
 * For tests only: the faked vendors on a port, a server on another, connected accounts, and how to call them, all in this
 * process. Every part is the real one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connector, loadCatalog } from '@quartermaster/connectors'
import type { IssuedMcpServer, McpServerConfigInput } from '@quartermaster/protocol'
import { createSandbox, listen, type SandboxOptions, type VendorControl } from '@quartermaster/sandbox'
import { pino } from 'pino'
import { connectSandboxAccounts, type RunningServer, type StartOptions, sandboxApp, startServer } from 'quartermaster'
import { type HttpAnswer, type RpcAnswer, requestsTo } from './requests.ts'

export interface TestbedOptions
  extends Pick<
      StartOptions,
      'background' | 'catalog' | 'clock' | 'inbound' | 'onRefresh' | 'quotaShare' | 'returnOrigins'
    >,
    Pick<SandboxOptions, 'plant' | 'clients'> {
  /** The demo companies, in whose names vendors are faked. Default: acme, globex. */
  readonly tenants?: readonly string[]
  /** Those with a connected account for every system. Default: acme. */
  readonly connected?: readonly string[]
  /** Requests in each window of the connected vendors; their own limits when left out. */
  readonly vendorLimit?: number
  /** What the classification file says; without it there is none. */
  readonly classification?: string
  /** Keeps the store in a new directory, which `close` removes; in memory when left out. */
  readonly onDisk?: boolean
  /** Logs nothing, for whoever measures; everything when left out. */
  readonly silent?: boolean
  /** Another address than the sandbox's for some tenant's system. */
  readonly vendorBase?: (tenant: string, system: string) => string | undefined
}

export interface Testbed {
  readonly server: RunningServer
  readonly sandboxUrl: string
  /** By system, for the first connected tenant. */
  readonly accounts: Readonly<Record<string, string>>
  /** Every line the server has logged. */
  readonly logs: readonly string[]
  /** Undefined when the store is in memory. */
  readonly dataDir: string | undefined
  /** The account of a tenant at a system. @throws Error when there is none. */
  accountOf(tenant: string, system: string): string
  /** Of the tenant `acme` when none is named. */
  control(system: string, tenant?: string): VendorControl
  /** A request to the server, with the admin token when no other is named. */
  admin(method: string, path: string, body?: unknown, token?: string): Promise<HttpAnswer>
  issue(system: string, config?: McpServerConfigInput): Promise<IssuedMcpServer>
  rpc(url: string, method: string, params?: unknown, headers?: Readonly<Record<string, string>>): Promise<RpcAnswer>
  /** Calls a tool and parses the one text block of its answer. */
  call(url: string, name: string, args?: unknown): Promise<{ answer: RpcAnswer; value: Record<string, unknown> }>
  /** Writes the classification file anew and tells the server. */
  reclassify(text: string): void
  close(): Promise<void>
}

/** Read once in a process: nothing changes a connector. */
let catalog: ReadonlyMap<string, Connector> | undefined

export async function openTestbed(options: TestbedOptions = {}): Promise<Testbed> {
  const { tenants = ['acme', 'globex'], connected = ['acme'], classification, onDisk, vendorBase } = options
  const { clock, plant, clients, vendorLimit } = options
  const sandbox = createSandbox({
    tenants,
    ...(clock ? { now: clock.now } : {}),
    ...(plant ? { plant } : {}),
    ...(clients ? { clients } : {}),
  })
  const vendors = await listen(sandbox)
  const folder = onDisk || classification !== undefined ? mkdtempSync(join(tmpdir(), 'qm-testbed-')) : undefined
  const dataDir = onDisk ? folder : undefined
  const classificationFile = folder === undefined ? undefined : join(folder, 'classification.yaml')
  if (classificationFile !== undefined && classification !== undefined)
    writeFileSync(classificationFile, classification)
  const logs: string[] = []
  catalog ??= loadCatalog()
  const server = await startServer({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    allowedHosts: [],
    app: () => sandboxApp,
    log: pino(
      { level: options.silent ? 'silent' : 'debug' },
      { write: (line: string) => void logs.push(line.trimEnd()) },
    ),
    env: {},
    dangerousVendorBase: (tenant, system) => vendorBase?.(tenant, system) ?? `${vendors.url}/${tenant}/${system}`,
    ...(classification === undefined ? {} : { classificationFile }),
    catalog: options.catalog ?? catalog,
    ...(options.background === undefined ? {} : { background: options.background }),
    ...(clock ? { clock } : {}),
    ...(options.inbound ? { inbound: options.inbound } : {}),
    ...(options.onRefresh ? { onRefresh: options.onRefresh } : {}),
    ...(options.quotaShare === undefined ? {} : { quotaShare: options.quotaShare }),
    ...(options.returnOrigins ? { returnOrigins: options.returnOrigins } : {}),
  })
  const accounts = new Map<string, string>()
  for (const tenant of connected) {
    for (const { id, system } of await connectSandboxAccounts({ server, sandboxUrl: vendors.url, tenant })) {
      accounts.set(`${tenant} ${system}`, id)
      const control = sandbox.control(tenant, system)
      if (vendorLimit === undefined) continue
      for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: vendorLimit })
    }
  }
  const { admin, rpc, call } = requestsTo(server)
  const accountOf = (tenant: string, system: string) => {
    const id = accounts.get(`${tenant} ${system}`)
    if (id === undefined) throw new Error(`Cannot find an account: ${tenant} has none at ${system}`)
    return id
  }
  const [first = ''] = connected
  const own = [...accounts].filter(([key]) => key.startsWith(`${first} `))
  return {
    server,
    sandboxUrl: vendors.url,
    accounts: Object.fromEntries(own.map(([key, id]) => [key.slice(first.length + 1), id])),
    logs,
    dataDir,
    accountOf,
    control: (system, tenant = 'acme') => sandbox.control(tenant, system),
    admin,
    async issue(system, config = {}) {
      const path = `/integrated-account/${accountOf(first, system)}/mcp`
      const { status, text, body } = await admin('POST', path, { name: 'test', config })
      if (status !== 201) throw new Error(`Cannot issue: ${status} ${text}`)
      return body as IssuedMcpServer
    },
    rpc,
    call,
    reclassify(text) {
      if (classificationFile === undefined) throw new Error('Cannot classify: this testbed was opened without a file')
      writeFileSync(classificationFile, text)
      process.emit('SIGHUP')
    },
    async close() {
      await server.stop()
      await vendors.close()
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
