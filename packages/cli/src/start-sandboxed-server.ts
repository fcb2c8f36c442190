/**
 * @module
 * A server in memory with the faked vendors beside it and one connected account per system: what the demo, the
 * examples and the tests run against.
 */
import { type Logger, pino } from 'pino'
import { type ConnectedAccount, connectSandboxAccounts } from './sandbox/connect-sandbox-accounts.ts'
import { sandboxApp, sandboxTenants } from './sandbox/sandbox-app.ts'
import { type RunningSandbox, startSandbox } from './sandbox/start-sandbox.ts'
import { type RunningServer, type StartOptions, startServer } from './serve/start-server.ts'

export interface SandboxedServer {
  readonly server: RunningServer
  readonly sandbox: RunningSandbox
  readonly tenant: string
  readonly accounts: readonly ConnectedAccount[]
  stop(): Promise<void>
}

export async function startSandboxedServer(
  options: Pick<StartOptions, 'onRefresh' | 'inbound' | 'quotaShare'> & { readonly log?: Logger } = {},
): Promise<SandboxedServer> {
  const [tenant] = sandboxTenants
  const sandbox = await startSandbox({ port: 0 })
  const stops = [sandbox.stop]
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const server = await startServer({
      dataDir: undefined,
      host: '127.0.0.1',
      port: 0,
      publicUrl: undefined,
      allowedHosts: [],
      app: () => sandboxApp,
      log: options.log ?? pino({ level: 'silent' }),
      env: {},
      dangerousVendorBase: (name, system) => `${sandbox.url}/${name}/${system}`,
      ...(options.quotaShare === undefined ? {} : { quotaShare: options.quotaShare }),
      ...(options.onRefresh ? { onRefresh: options.onRefresh } : {}),
      ...(options.inbound ? { inbound: options.inbound } : {}),
    })
    stops.push(server.stop)
    const accounts = await connectSandboxAccounts({ server, sandboxUrl: sandbox.url, tenant })
    return { server, sandbox, tenant, accounts, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
