/**
 * @module
 * Everything the demo needs, on this machine: the faked systems, a server, two connected accounts and a tool URL for
 * each role.
 */
import { type Connected, connect, type McpTool } from '@quartermaster/client'
import type { IssuedMcpServer } from '@quartermaster/protocol'
import type { VendorControl } from '@quartermaster/sandbox'
import type { RefreshEvent } from '@quartermaster/server'
import { adminClient, roles, type Toolset } from '@quartermaster/toolsets'
import type { RunningServer } from '../serve/start-server.ts'
import { startSandboxedServer } from '../start-sandboxed-server.ts'

export type RoleName = keyof typeof roles

/** A tool URL of a role, opened as an agent opens it. */
export interface RoleConnection {
  readonly role: RoleName
  readonly account: string
  readonly issued: IssuedMcpServer
  readonly conn: Connected
  readonly tools: readonly McpTool[]
}

export interface Demo {
  readonly server: RunningServer
  /** The sandbox's control API for the demo company. */
  readonly companyUrl: string
  readonly hubspot: { readonly account: string; readonly control: VendorControl }
  readonly salesforce: { readonly account: string; readonly control: VendorControl }
  readonly refreshes: readonly RefreshEvent[]
  /** `tools` in place of the role's own. */
  connectRole(role: RoleName, system: 'hubspot' | 'salesforce', tools?: Toolset): Promise<RoleConnection>
  close(): Promise<void>
}

export async function openDemo(): Promise<Demo> {
  const refreshes: RefreshEvent[] = []
  const sandboxed = await startSandboxedServer({ onRefresh: (event) => refreshes.push(event) })
  const { server, sandbox, tenant } = sandboxed
  const connections: RoleConnection[] = []
  const close = async () => {
    await Promise.allSettled(connections.map(({ conn }) => conn.close()))
    await sandboxed.stop()
  }
  try {
    const system = (name: string) => {
      const account = sandboxed.accounts.find((each) => each.system === name)?.id
      if (account === undefined) throw new Error(`Cannot run the demo: there is no connector for ${name}`)
      return { account, control: sandbox.sandbox.control(tenant, name) }
    }
    const systems = { hubspot: system('hubspot'), salesforce: system('salesforce') }
    const admin = adminClient({ baseUrl: server.url, token: server.adminToken })
    const { token: agents } = await admin.runtimeToken({ tenant, name: 'agents of the demo' })
    return {
      server,
      companyUrl: `${sandbox.url}/__sandbox/${tenant}`,
      ...systems,
      refreshes,
      async connectRole(role, name, toolset = roles[role]) {
        const { account } = systems[name]
        const issued = await toolset.issue(admin, { account, expiresInS: 3600 })
        const conn = await connect(issued.url, { token: agents })
        const connection: RoleConnection = { role, account, issued, conn, tools: await conn.listTools() }
        connections.push(connection)
        return connection
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
