/**
 * @module
 * A process of its own that uses one vault: it answers one JSON line for every line it is told, and drains on SIGTERM.
 */
import { readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
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
  parseKeyRing,
  type RefreshDeps,
  refreshScheduler,
  tokenSource,
} from '@quartermaster/server'
import { movedClock } from './clock.ts'
import { openAt } from './database.ts'
import { withoutLease, withoutTakeoverDelay } from './naive-store.ts'
import type { Order, Reply, WorkerOptions } from './order.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const { system, scale } = options
const clock = movedClock(options.epoch, scale)
const store = await openAt(options)
const connector = loadCatalog().get(system)
if (!connector) throw new Error(`Cannot start: there is no system ${system}`)
const app = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }
const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
const { owner } = store
const deps: RefreshDeps = {
  store: options.naive ? withoutLease(store, clock.now) : store.accounts,
  refreshes: store.refreshes,
  ...(options.noTakeoverDelay ? withoutTakeoverDelay(store) : {}),
  ring: options.followKeys ? followed() : parseKeyRing(options.keys),
  oauth: oauthClient({
    ...upstream,
    // The authority writes down who came, and what time it was there.
    send: (request, more) => {
      const headers = { ...request.headers, 'x-worker': `${process.pid} at ${clock.now()}` }
      return upstream.send(
        { ...request, headers },
        { ...(options.noTakeoverDelay ? {} : more), timeoutMs: more.timeoutMs / scale },
      )
    },
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
const tokens = tokenSource(deps)
const orders = new Set<Promise<void>>()
createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as Order
  const done = obey(order)
    .then((reply) => say({ ...reply, id: order.id }))
    .finally(() => orders.delete(done))
  orders.add(done)
})
process.once('SIGTERM', () => void stop())
// Whoever gave the orders is gone.
process.stdin.once('end', () => process.exit(1))
say({ id: 0 })

/** Resolves when the line is with the reader. */
function say(line: object): Promise<void> {
  return new Promise((resolve) => void process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()))
}

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
  clock.move(order.offset)
  const accounts = (await Promise.all(order.accounts.map((id) => store.accounts.find(id)))).filter(
    (account) => account !== undefined,
  )
  if (order.fresh === true) for (const { id } of accounts) tokens.forget(id)
  const swept = order.sweep === true ? sweep() : undefined
  const calls = accounts.flatMap((account) =>
    Array.from({ length: order.callers }, async (): Promise<Good | Bad> => {
      try {
        const token = await tokens.token(account, order.rejected)
        return { account: account.id, value: token.value, ver: token.ver }
      } catch (error) {
        if (error instanceof FailureError) return { account: account.id, failure: error.failure.code }
        // A process that was stopped may hold the database.
        if ((error as Error).name === 'StoreUnavailable') return { account: account.id, failure: 'store_unavailable' }
        throw error
      }
    }),
  )
  const results = await Promise.all(calls)
  await swept
  await tokens.drain()
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

/**
 * The scheduler's own loop, without its pauses, until nothing is due and nothing is under way: were something, the next
 * order would move its clock on in the middle.
 */
async function sweep(): Promise<void> {
  const scheduler = refreshScheduler({
    deps,
    systems: () => [{ system, circuit: circuitOf({ system }, app) }],
    onError: (_, error) => (error as Error).name === 'StoreUnavailable' || console.error(error),
  })
  while ((await scheduler.tick()) > 0) await clock.sleep(5 * scale)
  await scheduler.stop()
}

/** Answers under way are written before the process is gone. */
async function stop(): Promise<void> {
  await Promise.all(orders)
  await upstream.close()
  await store.close()
  process.exit(0)
}
