/**
 * @module
 * A process of its own that uses one vault: it answers one JSON line for every line it is told, and drains on SIGTERM.
 */
import { readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { loadCatalog } from '@quartermaster/connectors'
import { FailureError } from '@quartermaster/protocol'
import {
  authorityEndpoints,
  circuitBreaker,
  circuitOf,
  createUpstream,
  type KeyRing,
  liveKeyRing,
  oauthClient,
  openStore,
  parseKeyRing,
  type RefreshParts,
  refreshScheduler,
  type Store,
  tokenSource,
} from '@quartermaster/server'
import type { Order, Reply, WorkerOptions } from './order.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const { system, scale } = options
const startedAt = Date.now()
let offset = 0
/** Time can be moved on, and can run faster than it does. */
const clock = {
  now: () => Math.floor(startedAt + (Date.now() - startedAt) * scale + offset),
  sleep: (ms: number) => delay(ms / scale),
}
const store = await openStore(options.dir)
const connector = loadCatalog().get(system)
if (!connector) throw new Error(`Cannot start: there is no system ${system}`)
const app = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }
const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
const { owner } = store
const parts: RefreshParts = {
  store: options.naive ? withoutLease(store, owner) : store.accounts,
  refreshes: store.refreshes,
  ring: options.followKeys ? followed() : parseKeyRing(options.keys),
  oauth: oauthClient({
    ...upstream,
    send: (request, { timeoutMs }) => upstream.send(request, { timeoutMs: timeoutMs / scale }),
  }),
  authority: () => ({
    auth: connector.auth,
    endpoints: authorityEndpoints(connector, `${options.authorityUrl}/acme/${system}`),
    app,
    graceMs: options.graceMs,
  }),
  breaker: circuitBreaker(),
  clock,
  random: Math.random,
  owner,
  isDead: store.isDead,
}
const tokens = tokenSource(parts)
const scheduler = refreshScheduler({
  parts,
  systems: () => [{ system, circuit: circuitOf({ system }, app) }],
  onError: (_, error) => console.error(error),
})

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as Order
  void obey(order).then((reply) => process.stdout.write(`${JSON.stringify({ ...reply, id: order.id })}\n`))
})
process.once('SIGTERM', () => void stop())
process.stdout.write(`${JSON.stringify({ id: 0 })}\n`)

/** The directory's key file, looked at every 200 ms so that a short run sees the change. */
function followed(): KeyRing {
  const path = `${options.dir}/keys`
  const ring = liveKeyRing(
    { read: () => readFileSync(path, 'utf8'), version: () => `${statSync(path).mtimeMs}|${statSync(path).ino}` },
    (error) => console.error(error),
  )
  setInterval(ring.reload, 200).unref()
  return ring
}

async function obey(order: Order): Promise<Omit<Reply, 'id'>> {
  offset = order.offset
  const accounts = (await Promise.all(order.accounts.map((id) => store.accounts.find(id)))).filter(
    (account) => account !== undefined,
  )
  if (order.fresh === true) for (const { id } of accounts) tokens.forget(id)
  const sweeps = order.sweep === true ? sweep() : undefined
  const calls = accounts.flatMap((account) =>
    Array.from({ length: order.callers }, async (): Promise<Good | Bad> => {
      try {
        const token = await tokens.token(account, order.rejected)
        return { account: account.id, value: token.value, ver: token.ver }
      } catch (error) {
        if (!(error instanceof FailureError)) throw error
        return { account: account.id, failure: error.failure.code }
      }
    }),
  )
  const results = await Promise.all(calls)
  await sweeps
  const good = results.filter((result) => 'value' in result)
  return {
    ok: good.length,
    failures: results.flatMap((result) => ('failure' in result ? [result.failure] : [])),
    values: Object.fromEntries(good.map(({ account, value }) => [account, value])),
    vers: [...new Set(good.map(({ ver }) => ver))],
  }
}

interface Good {
  readonly account: string
  readonly value: string
  readonly ver: number
}

interface Bad {
  readonly account: string
  readonly failure: string
}

/** The scheduler's own loop, without its pauses, until nothing is due. */
async function sweep(): Promise<void> {
  while ((await scheduler.tick()) > 0) await delay(5)
}

async function stop(): Promise<void> {
  await Promise.all([scheduler.stop(), tokens.drain()])
  // Answers under way are written before the process is gone.
  await delay(20)
  await upstream.close()
  await store.close()
  process.exit(0)
}

/** The naive way: callers of one process share a refresh, writes are conditional, and nothing joins the processes. */
function withoutLease(real: Store, me: string): RefreshParts['store'] {
  return {
    ...real.accounts,
    lease: async () => 1,
    async complete(id, _, seen, next) {
      const until = clock.now() + 10_000
      await real.accounts.lease(id, seen, { owner: me, until }, clock.now())
      return real.accounts.complete(id, me, seen, next)
    },
  }
}
