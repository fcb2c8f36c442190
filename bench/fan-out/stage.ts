/**
 * @module
 * The stage of the fan-out in a process of its own: faked vendors with a short quota window, and our server beside them,
 * told about the shorter window the way it is told about everything: by the connector's file. Prints one line when ready.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { catalogEntries, loadCatalog } from '@quartermaster/connectors'
import { createSandbox, listen } from '@quartermaster/sandbox'
import { createQuartermaster, issueApiToken, newApiToken, newKey, openStore, parseKeyRing } from '@quartermaster/server'
import { pino } from 'pino'
import { connectSandboxAccounts, listenHttp, sandboxApp } from 'quartermaster'

export interface StageOptions {
  readonly tenants: readonly string[]
  /** Requests in any window. */
  readonly limit: number
  readonly windowS: number
}

export interface StageReady {
  readonly url: string
  readonly sandboxUrl: string
  readonly adminToken: string
  readonly accounts: readonly { readonly tenant: string; readonly id: string }[]
  /** Of contacts, the same for every tenant's demo company. */
  readonly ids: { readonly [tenant: string]: readonly string[] }
}

const { tenants, limit, windowS } = JSON.parse(process.argv[2] ?? '{}') as StageOptions
const folder = mkdtempSync(join(tmpdir(), 'qm-stage-'))
for (const entry of catalogEntries()) cpSync(entry, join(folder, basename(entry)), { recursive: true })
const file = join(folder, 'hubspot', 'connector.yaml')
const text = readFileSync(file, 'utf8')
const shorter: readonly (readonly [string, string])[] = [
  ['"TEN_SECONDLY_ROLLING": 10,', `"TEN_SECONDLY_ROLLING": ${windowS},`],
  ['window_s: 10\n', `window_s: ${windowS}\n`],
]
for (const [words] of shorter) {
  if (!text.includes(words)) throw new Error(`Cannot scale the window: the connector's file has no ${words}`)
}
const scaled = shorter.reduce((all, [words, others]) => all.replace(words, others), text)
writeFileSync(file, scaled)

const sandbox = createSandbox({ tenants })
const vendors = await listen(sandbox, 0)
const store = await openStore(undefined)
const adminToken = newApiToken()
const scopes = ['admin', 'runtime', 'audit'] as const
await issueApiToken(store.apiTokens, { tenant: undefined, name: 'bench', scopes }, Date.now(), adminToken)
let url = ''
const quartermaster = await createQuartermaster({
  store,
  ring: parseKeyRing(newKey(1)),
  catalog: loadCatalog(folder),
  app: () => sandboxApp,
  publicUrl: () => url,
  log: pino({ level: 'silent' }),
  // What is measured is the vendor's quota, not our own limit for one URL.
  inbound: { ratePerS: 10_000, burst: 10_000 },
  dangerousVendorBase: (tenant, system) => `${vendors.url}/${tenant}/${system}`,
})
const http = await listenHttp(quartermaster.fetch, { host: '127.0.0.1', port: 0 })
url = http.url
const accounts: { tenant: string; id: string }[] = []
const ids: Record<string, readonly string[]> = {}
for (const tenant of tenants) {
  const connected = await connectSandboxAccounts({ server: { url, adminToken }, sandboxUrl: vendors.url, tenant })
  const own = connected.find(({ system }) => system === 'hubspot')
  if (own) accounts.push({ tenant, id: own.id })
  const control = sandbox.control(tenant, 'hubspot')
  ids[tenant] = (control.records('contacts') ?? []).map(({ id }) => id)
  control.setWindow('ten_secondly', { limit, windowMs: windowS * 1000 })
}
const ready: StageReady = { url, sandboxUrl: vendors.url, adminToken, accounts, ids }
process.stdout.write(`${JSON.stringify(ready)}\n`)

process.stdin.resume()
process.stdin.once('end', async () => {
  await http.stop(1_000)
  await quartermaster.close()
  await vendors.close()
  rmSync(folder, { recursive: true })
  process.exit(0)
})
