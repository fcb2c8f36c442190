/**
 * @module
 * The testbed of the fan-out in a process of its own: faked vendors with a short quota window, and our server beside them,
 * told about the shorter window the way it is told about everything: by the connector's file. Prints one line when ready.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { catalogEntries, loadCatalog } from '@quartermaster/connectors'
import { openTestbed } from '@quartermaster/testing/testbed'

export interface FanOutOptions {
  readonly tenants: readonly string[]
  /** Requests in any window. */
  readonly limit: number
  readonly windowS: number
}

export interface FanOutReady {
  readonly url: string
  readonly sandboxUrl: string
  readonly adminToken: string
  readonly accounts: readonly { readonly tenant: string; readonly id: string }[]
  /** Of contacts, the same for every tenant's demo company. */
  readonly ids: { readonly [tenant: string]: readonly string[] }
}

const { tenants, limit, windowS } = JSON.parse(process.argv[2] ?? '{}') as FanOutOptions
const folder = mkdtempSync(join(tmpdir(), 'qm-fan-out-'))
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

const testbed = await openTestbed({
  silent: true,
  tenants,
  connected: tenants,
  catalog: loadCatalog(folder),
  // What is measured is the vendor's quota, not our own limit for one URL.
  inbound: { ratePerS: 10_000, burst: 10_000 },
})
const { url, adminToken } = testbed.server
const ids: Record<string, readonly string[]> = {}
for (const tenant of tenants) {
  const control = testbed.control('hubspot', tenant)
  ids[tenant] = (control.records('contacts') ?? []).map(({ id }) => id)
  control.setWindow('ten_secondly', { limit, windowMs: windowS * 1000 })
}
const accounts = tenants.map((tenant) => ({ tenant, id: testbed.accountOf(tenant, 'hubspot') }))
const ready: FanOutReady = { url, sandboxUrl: testbed.sandboxUrl, adminToken, accounts, ids }
process.stdout.write(`${JSON.stringify(ready)}\n`)

process.stdin.resume()
process.stdin.once('end', async () => {
  await testbed.close()
  rmSync(folder, { recursive: true })
  process.exit(0)
})
