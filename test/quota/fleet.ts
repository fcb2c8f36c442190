/**
 * @module
 * Several processes on one store, many callers in each, and one vendor that counts who meets its limit.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadCatalog } from '@quartermaster/connectors'
import { createSandbox, listen } from '@quartermaster/sandbox'
import {
  connectAccount,
  createQuartermaster,
  issueApiToken,
  newKey,
  openPostgresStore,
  openStore,
  parseKeyRing,
} from '@quartermaster/server'
import { pino } from 'pino'
import type { Go, Outcome, WorkerOptions } from './worker.ts'

export interface FleetOptions {
  readonly databaseUrl?: string | undefined
  readonly processes: number
  readonly callers: number
  readonly share: number | null
  /** How much faster than time all clocks run, the vendor's included; at 0 they stand still. */
  readonly scale: number
  /** How long to call, on the fast clock. */
  readonly forMs: number
  /** Calls of each caller, who then waits for nothing; as many as the time allows when left out. */
  readonly callsEach?: number
  /** Of the vendor's window, when it is not to be the vendor's own. */
  readonly limit?: number
}

export interface FleetResult {
  /** When each successful call came back since the start, on the fast clock, in order. */
  readonly ok: readonly number[]
  readonly refusedByBudget: number
  readonly failed: readonly string[]
  /** As the vendor counts them. */
  readonly vendor429s: number
  readonly limit: number
  readonly windowMs: number
}

const TOOL = 'list_all_hub_spot_users'

/** Runs one load and cleans up after it. */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const { scale, databaseUrl } = options
  const dir = mkdtempSync(join(tmpdir(), 'qm-quota-'))
  const epoch = Date.now()
  const now = () => Math.floor(epoch + (Date.now() - epoch) * scale)
  const sandbox = createSandbox({ tenants: ['acme'], now })
  const listening = await listen(sandbox)
  const control = sandbox.control('acme', 'hubspot')
  if (options.limit !== undefined) control.setWindow('ten_secondly', { limit: options.limit })
  control.setTokens({ accessTokenTtlMs: 86_400_000 })
  const keys = newKey(1)
  const { token, bearer } = await prepare({
    dir,
    databaseUrl,
    keys,
    base: `${listening.url}/acme/hubspot`,
    now,
    control,
  })
  const window = control.windows()['ten_secondly']
  if (!window) throw new Error('Cannot measure: the vendor has no such window')
  const workers = await Promise.all(
    Array.from({ length: options.processes }, () =>
      startWorker({
        dir,
        databaseUrl,
        keys,
        sandboxUrl: listening.url,
        share: options.share,
        callers: options.callers,
        scale,
        epoch,
      }),
    ),
  )
  try {
    control.resetCounters()
    control.clearWindows()
    const startedAt = now()
    const go: Go = {
      token,
      bearer,
      tool: TOOL,
      until: startedAt + options.forMs,
      ...(options.callsEach ? { callsEach: options.callsEach } : {}),
    }
    const outcomes = await Promise.all(workers.map((worker) => worker.run(go)))
    const ok = outcomes.flatMap((outcome) => outcome.ok.map((at) => at - startedAt)).sort((a, b) => a - b)
    return {
      ok,
      refusedByBudget: outcomes.reduce((total, { refusedByBudget }) => total + refusedByBudget, 0),
      failed: outcomes.flatMap(({ failed }) => failed),
      vendor429s: control.counters().rateLimited,
      ...window,
    }
  } finally {
    for (const { child } of workers) child.kill('SIGKILL')
    await listening.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Preparation {
  readonly dir: string
  readonly databaseUrl: string | undefined
  readonly keys: string
  readonly base: string
  readonly now: () => number
  readonly control: ReturnType<ReturnType<typeof createSandbox>['control']>
}

/** An account, a URL over it and a token to call it with. */
async function prepare({
  dir,
  databaseUrl,
  keys,
  base,
  now,
  control,
}: Preparation): Promise<{ token: string; bearer: string }> {
  const store = await (databaseUrl === undefined ? openStore(dir) : openPostgresStore(databaseUrl))
  const ring = parseKeyRing(keys)
  const catalog = loadCatalog()
  const connector = catalog.get('hubspot')
  if (!connector) throw new Error('Cannot measure: there is no such system')
  const scope = [...connector.auth.scopes.required, ...connector.auth.scopes.optional].join(' ')
  const { accessToken, refreshToken } = control.signIn({ scope })
  const account = await connectAccount(
    { store: store.accounts, ring, now, random: Math.random, dangerousVendorBase: () => base },
    {
      tenant: 'acme',
      connector,
      label: 'load',
      answer: { accessToken, refreshToken, expiresInS: 86_400, scopes: undefined, kept: {} },
    },
  )
  const admin = { tenant: undefined, name: 'load', scopes: ['admin', 'runtime'] as const }
  const { secret: bearer } = await issueApiToken(store.apiTokens, admin, now())
  const server = await createQuartermaster({
    store,
    ring,
    catalog,
    app: () => undefined,
    publicUrl: () => 'http://127.0.0.1',
    log: pino({ level: 'silent' }),
    clock: { now, sleep: async () => {} },
    dangerousVendorBase: () => base,
    background: false,
  })
  const response = await server.fetch(
    new Request(`http://127.0.0.1/integrated-account/${account.id}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', host: '127.0.0.1' },
      body: JSON.stringify({ name: 'load' }),
    }),
  )
  if (response.status !== 201) throw new Error(`Cannot issue a URL: ${response.status} ${await response.text()}`)
  const { token } = (await response.json()) as { token: string }
  await server.close()
  return { token, bearer }
}

interface Worker {
  readonly child: ChildProcess
  run(go: Go): Promise<Outcome>
}

async function startWorker(options: WorkerOptions): Promise<Worker> {
  const script = new URL('./worker.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('Cannot measure: a process ended before it answered')
    return JSON.parse(value as string) as unknown
  }
  await next()
  return {
    child,
    async run(go) {
      child.stdin.write(`${JSON.stringify(go)}\n`)
      return (await next()) as Outcome
    },
  }
}
