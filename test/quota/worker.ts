/**
 * @module
 * A process of its own with a whole server and callers that know nothing but what they are told: when a call is refused
 * they come back after the time that the refusal names. Its clock can run faster than time does, like everybody's here.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { loadCatalog } from '@quartermaster/connectors'
import { createQuartermaster, openPostgresStore, openStore, parseKeyRing } from '@quartermaster/server'
import { pino } from 'pino'

export interface WorkerOptions {
  readonly dir: string
  readonly databaseUrl?: string | undefined
  readonly keys: string
  readonly sandboxUrl: string
  /** The part of the limit to use; null leaves the vendor to defend itself. */
  readonly share: number | null
  readonly callers: number
  readonly scale: number
  /** Epoch milliseconds at which all clocks show the right time. */
  readonly epoch: number
}

/** The first line of standard input: go. */
export interface Go {
  readonly token: string
  readonly bearer: string
  readonly tool: string
  /** On the fast clock. */
  readonly until: number
  /** Calls of each caller, who then waits for nothing; until the time is over when left out. */
  readonly callsEach?: number
}

export interface Outcome {
  /** When each successful call came back, on the fast clock. */
  readonly ok: readonly number[]
  readonly refusedByBudget: number
  readonly refusedByVendor: number
  /** Codes of all other failures. */
  readonly failed: readonly string[]
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const { epoch, scale, share } = options
const now = () => Math.floor(epoch + (Date.now() - epoch) * scale)
const store = await (options.databaseUrl === undefined
  ? openStore(options.dir)
  : openPostgresStore(options.databaseUrl))
const server = await createQuartermaster({
  store,
  ring: parseKeyRing(options.keys),
  catalog: loadCatalog(),
  app: () => ({ clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }),
  publicUrl: () => 'http://127.0.0.1',
  log: pino({ level: 'silent' }),
  clock: { now, sleep: (ms) => delay(scale === 0 ? 0 : ms / scale) },
  inbound: { ratePerS: 10_000, burst: 10_000 },
  dangerousVendorBase: (tenant, system) => `${options.sandboxUrl}/${tenant}/${system}`,
  background: false,
  quota: share === null ? false : { share },
})

process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
const go = JSON.parse(
  await new Promise<string>((resolve) => process.stdin.once('data', (line) => resolve(String(line)))),
) as Go
const ok: number[] = []
const failed: string[] = []
let refusedByBudget = 0
let refusedByVendor = 0
await Promise.all(Array.from({ length: options.callers }, caller))
process.stdout.write(`${JSON.stringify({ ok, refusedByBudget, refusedByVendor, failed } satisfies Outcome)}\n`)
await server.close()
process.exit(0)

async function caller(): Promise<void> {
  for (let made = 0; now() < go.until && made < (go.callsEach ?? Number.POSITIVE_INFINITY); made += 1) {
    const { error } = await call()
    if (error === undefined) {
      ok.push(now())
      continue
    }
    if (error.code !== 'rate_limited') failed.push(error.code)
    else if (error.message.includes('nothing was sent')) refusedByBudget += 1
    else refusedByVendor += 1
    if (go.callsEach !== undefined) continue
    const waitMs = (error.retry_after_s ?? 1) * 1_000
    await delay(Math.max(0, Math.min(waitMs, go.until - now())) / scale)
  }
}

async function call(): Promise<{ error?: { code: string; message: string; retry_after_s?: number } }> {
  const response = await server.fetch(
    new Request(`http://127.0.0.1/mcp/${go.token}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${go.bearer}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        host: '127.0.0.1',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: go.tool, arguments: { limit: '1' } },
      }),
    }),
  )
  const body = (await response.json()) as { result?: { content: { text: string }[] } }
  return JSON.parse(body.result?.content[0]?.text ?? '{"error":{"code":"no_result","message":""}}')
}
