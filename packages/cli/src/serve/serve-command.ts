/**
 * @module
 * `quartermaster serve`: runs the server until it is asked to stop. Standard output carries one JSON line, when it is
 * ready; everything else goes to standard error.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { pino } from 'pino'
import { oauthApps } from '../installation/oauth-apps.ts'
import { returnOrigins } from '../installation/return-origins.ts'
import { readPort } from '../read-port.ts'
import type { ConnectedAccount } from '../sandbox/connect-sandbox-accounts.ts'
import { sandboxApp, sandboxTenants } from '../sandbox/sandbox-app.ts'
import type { RunningSandbox } from '../sandbox/start-sandbox.ts'
import { untilStopSignal } from '../until-stop-signal.ts'
import { databaseUrlOption } from './database-url-option.ts'
import { readShare } from './read-share.ts'
import { type RunningServer, startServer } from './start-server.ts'

interface ServeOptions {
  readonly host: string
  readonly port: number
  readonly data?: string
  readonly databaseUrl?: string
  readonly publicUrl?: string
  readonly allowHost: readonly string[]
  readonly returnOrigin: readonly string[]
  readonly sandbox?: boolean
  readonly dangerouslyUseVendorsAt?: string
  readonly classification?: string
  readonly logLevel: string
  readonly background: boolean
  readonly quotaShare: number | false
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const

export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the server: admin API, MCP tool URLs, token vault')
    .option('--port <number>', 'port to listen on; 0 picks a free one', readPort, 4700)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--data <directory>',
      'where accounts, keys and the audit are kept; without it nothing outlives the process',
    )
    .addOption(databaseUrlOption('share a PostgreSQL database with other processes instead of a directory'))
    .option('--public-url <url>', 'how clients reach this server, for the URLs it issues', readUrl)
    .option('--allow-host <name>', 'another host name this server goes by (repeatable)', collect, [])
    .option(
      '--return-origin <tenant=origin>',
      'where people may be sent back to after connecting (repeatable; or QUARTERMASTER_RETURN_ORIGINS)',
      collect,
      [],
    )
    .option(
      '--classification <file>',
      "what accounts' own fields hold, so that roles may see them (YAML; read again on SIGHUP)",
    )
    .option(
      '--quota-share <part>',
      "how much of each account's vendor quota agents may use: 0.1 to 1, or off (docs/quotas.md)",
      readShare,
      0.9,
    )
    .option('--sandbox', 'start faked vendors beside it and connect two accounts; DANGEROUS for real data', false)
    .option(
      '--dangerously-use-vendors-at <url>',
      'send every vendor request to this sandbox instead of the vendor',
      readUrl,
    )
    .addOption(new Option('--log-level <level>', 'how much to log').choices(logLevels).default('info'))
    .option('--no-background', 'leave refreshing ahead, notifying and taking back grants to other processes')
    .addHelpText(
      'after',
      `
When it is ready it prints one line:
  {"ready":true,"url":…,"sandbox_url":…,"admin_token":…,"accounts":[{"id":…,"system":…}]}

Keys and the admin token come from QUARTERMASTER_KEYS and QUARTERMASTER_ADMIN_TOKEN, or from files in the data
directory that are created on first start, readable by you alone ("quartermaster keys" rotates them). With --database-url, --data holds only these two
files, and every process needs the same ones. OAuth clients come from
QUARTERMASTER_<SYSTEM>_CLIENT_ID and QUARTERMASTER_<SYSTEM>_CLIENT_SECRET.
Ctrl-C finishes the calls under way, then stops.`,
    )
    .action(serve)
}

async function serve(options: ServeOptions): Promise<void> {
  const log = pino({ level: options.logLevel, base: null }, logSink())
  const origins = returnOrigins(options.returnOrigin, process.env)
  const stopping = untilStopSignal()
  const sandbox = options.sandbox === true ? await openSandbox() : undefined
  const vendors = sandbox?.url ?? options.dangerouslyUseVendorsAt
  if (vendors !== undefined) {
    log.warn({ vendors }, 'every vendor request goes to a sandbox; do not connect real accounts')
  }
  const server = await startServer({
    dataDir: options.data,
    databaseUrl: options.databaseUrl,
    host: options.host,
    port: options.port,
    publicUrl: options.publicUrl,
    allowedHosts: options.allowHost,
    app: vendors === undefined ? oauthApps(process.env) : () => sandboxApp,
    returnOrigins: origins,
    classificationFile: options.classification,
    log,
    env: process.env,
    background: options.background,
    quotaShare: options.quotaShare,
    ...(vendors === undefined ? {} : { dangerousVendorBase: (tenant, system) => `${vendors}/${tenant}/${system}` }),
  }).catch(async (error: unknown) => {
    await sandbox?.stop()
    throw error
  })
  const stop = async () => {
    await server.stop()
    await sandbox?.stop()
  }
  let accounts: readonly ConnectedAccount[] = []
  try {
    if (sandbox) accounts = await sandbox.connect(server)
  } catch (error) {
    await stop()
    throw error
  }
  const ready = {
    ready: true,
    url: server.url,
    ...(vendors === undefined ? {} : { sandbox_url: vendors }),
    admin_token: server.adminToken,
    accounts: accounts.map(({ id, system }) => ({ id, system })),
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)

  const signal = await stopping
  log.info({ signal }, 'stopping')
  await stop()
  log.info('stopped')
}

interface ServedSandbox extends RunningSandbox {
  /** One account per system, of the first company. */
  connect(server: RunningServer): Promise<readonly ConnectedAccount[]>
}

/** The faked vendors, loaded only where they are asked for. */
async function openSandbox(): Promise<ServedSandbox> {
  const [{ startSandbox }, { connectSandboxAccounts }] = await Promise.all([
    import('../sandbox/start-sandbox.ts'),
    import('../sandbox/connect-sandbox-accounts.ts'),
  ])
  const running = await startSandbox({ port: 0 })
  const connect = (server: RunningServer) =>
    connectSandboxAccounts({ server, sandboxUrl: running.url, tenant: sandboxTenants[0] })
  return { ...running, connect }
}

/** Lines are dropped, not waited for, when nobody reads them: a log must not stop the server. */
function logSink() {
  return pino.destination({ dest: 2, sync: false, maxLength: 4 * 1024 * 1024 })
}

function readUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('Write an http or https URL.')
  return text.replace(/(?<!\/)\/+$/, '')
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
