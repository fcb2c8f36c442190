/**
 * @module
 * A real server in a process and on a data directory of its own, with accounts at the faked vendors: one tenant's vendors are as they
 * are, the other's answers can be spoiled. Every secret in it is known, so that it can be looked for.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { McpServerConfigInput } from '@quartermaster/protocol'
import { connectSandboxAccounts } from 'quartermaster'
import { type Answer, type Sent, send } from './answer.ts'
import { judge } from './finding.ts'
import { harvest, type ListedTool } from './harvest.ts'
import type { Plant } from './plant.ts'
import { type ServerApart, startServerApart } from './server-apart.ts'
import { startWarpedVendor, type WarpedVendor } from './warped-vendor.ts'

/** A URL over one account, with what it shows to begin with. */
export interface Door {
  readonly token: string
  readonly path: string
  readonly accountId: string
  readonly serverId: string
  readonly config: McpServerConfigInput
  readonly tools: readonly ListedTool[]
  /** Ids of records that there are, by the tool that lists them. */
  readonly ids: ReadonlyMap<string, readonly string[]>
  /** A cursor for the second page of one record a page, by the tool that made it. */
  readonly cursors: ReadonlyMap<string, string>
}

export interface FuzzTestbed {
  /** Its process. */
  readonly server: ServerApart
  readonly url: string
  readonly adminToken: string
  /** With a pseudonym policy, approvals or a second factor: as a customer's would be. */
  readonly doors: readonly Door[]
  /** The same over vendors whose answers are spoiled. */
  readonly warpedDoors: readonly Door[]
  readonly vendor: WarpedVendor
  readonly keyRing: string
  secrets(): readonly string[]
  /** Sends and judges. @throws Finding */
  ask(sent: Sent): Promise<Answer>
  /** A URL over an account. */
  issue(accountId: string, config: McpServerConfigInput): Promise<{ readonly token: string; readonly serverId: string }>
  close(): Promise<void>
}

const configs: readonly McpServerConfigInput[] = [
  { methods: ['read', 'write'], require_api_token_auth: false },
  { methods: ['read', 'write'], pii: 'pseudonym', resolve_pseudonyms: true, require_api_token_auth: false },
]

/** @param plant A fault that the server is started with, for the positive control. */
export async function openFuzzTestbed(plant?: Plant): Promise<FuzzTestbed> {
  const vendors = await startVendors()
  const vendor = await startWarpedVendor(vendors.url)
  const server = await startServerApart({ vendorsUrl: vendors.url, spoiledUrl: vendor.url, plant })
  const { adminToken, keyRing } = server
  const secrets = [adminToken, keyRing.slice(2)]
  const ask: FuzzTestbed['ask'] = async (sent) => {
    const answer = await send(server.url, sent)
    judge(answer, secrets)
    return answer
  }
  const issue: FuzzTestbed['issue'] = async (accountId, config) => {
    const issued = await send(server.url, {
      method: 'POST',
      path: `/integrated-account/${accountId}/mcp`,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'fuzz', config }),
    })
    if (issued.status !== 201) throw new Error(`Cannot issue: ${issued.status} ${issued.text}`)
    const { token, id } = JSON.parse(issued.text) as { token: string; id: string }
    return { token, serverId: id }
  }
  const doorsOf = async (tenant: string): Promise<Door[]> => {
    const sandboxUrl = tenant === 'globex' ? vendor.url : vendors.url
    const accounts = await connectSandboxAccounts({ server: { url: server.url, adminToken }, sandboxUrl, tenant })
    const doors = accounts.flatMap(({ id }) =>
      configs.map(async (config): Promise<Door> => {
        const { token, serverId } = await issue(id, config)
        secrets.push(token)
        server.hide(token)
        const path = `/mcp/${token}`
        return { token, path, accountId: id, serverId, config, ...(await harvest(path, ask)) }
      }),
    )
    return Promise.all(doors)
  }
  const doors = await doorsOf('acme')
  // The first URL with a token budget loads the encoding's tables, 15 MB that stay: now, and not in the middle of a count.
  await issue(doors[0]?.accountId ?? '', { max_tokens: 100_000 })
  return {
    server,
    url: server.url,
    adminToken,
    doors,
    warpedDoors: await doorsOf('globex'),
    vendor,
    keyRing,
    secrets: () => secrets,
    ask,
    issue,
    async close() {
      await server.stop()
      await vendor.close()
      vendors.stop()
    },
  }
}

async function startVendors(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const file = join(import.meta.dirname, 'vendors.ts')
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`Cannot fuzz: the vendors ended with ${code}`)))
  })
  return { url, stop: () => child.stdin.end() }
}
