/**
 * @module
 * A whole server in a process of its own, put together as `quartermaster serve` does it; only its clock can be moved. It
 * drains on SIGTERM.
 */
import { createInterface } from 'node:readline'
import { loadCatalog } from '@quartermaster/connectors'
import { createQuartermaster, parseKeyRing } from '@quartermaster/server'
import { pino } from 'pino'
import { listenHttp, sandboxApp } from 'quartermaster'
import { movedClock } from './clock.ts'
import { openAt } from './database.ts'
import { withoutLease } from './naive-store.ts'
import type { ServerOptions, Time } from './server-order.ts'

const GRACE_MS = 15_000
const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions
const clock = movedClock(options.epoch, 1)
const store = await openAt(options)
const quartermaster = await createQuartermaster({
  store: options.naive ? { ...store, accounts: withoutLease(store, clock.now) } : store,
  ring: parseKeyRing(options.keys),
  catalog: loadCatalog(),
  app: () => sandboxApp,
  publicUrl: () => http.url,
  log: pino({ level: 'error' }, pino.destination(2)),
  clock,
  dangerousVendorBase: (tenant, system) => `${options.authorityUrl}/${tenant}/${system}`,
  ...(options.background ? {} : { background: false }),
})
const http = await listenHttp(quartermaster.fetch, { host: '127.0.0.1', port: 0 })

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, offset } = JSON.parse(line) as Time & { id: number }
  clock.move(offset)
  process.stdout.write(`${JSON.stringify({ id })}\n`)
})
// Whoever gave the orders is gone.
process.stdin.once('end', () => process.exit(1))
process.once('SIGTERM', () => void stop())
process.stdout.write(`${JSON.stringify({ id: 0, url: http.url })}\n`)

async function stop(): Promise<void> {
  await http.stop(GRACE_MS)
  await quartermaster.close()
  process.exit(0)
}
