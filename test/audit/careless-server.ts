/**
 * @module
 * The control of the kill proof: a server that says of an audit entry that it is durable, and writes it a little later.
 * Takes the options of `quartermaster serve` that the proof uses, and says the same when it is ready.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { sandboxApp, startServer } from 'quartermaster'

const LATE_MS = 150

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { data: text, 'database-url': text, port: text, 'log-level': text, 'dangerously-use-vendors-at': text },
  allowPositionals: true,
})
const server = await startServer({
  dataDir: values.data,
  databaseUrl: values['database-url'],
  host: '127.0.0.1',
  port: 0,
  publicUrl: undefined,
  allowedHosts: [],
  app: () => sandboxApp,
  log: pino({ level: 'silent' }),
  env: {},
  dangerousVendorBase: (tenant, system) => `${values['dangerously-use-vendors-at']}/${tenant}/${system}`,
})
const audit = server.store.audit as { transaction: typeof server.store.audit.transaction }
const transaction = audit.transaction.bind(audit)
let last: Promise<unknown> = Promise.resolve()
audit.transaction = async (tenants, work) => {
  last = Promise.all([last, delay(LATE_MS)]).then(() => transaction(tenants, work))
}
console.log(JSON.stringify({ url: server.url, admin_token: server.adminToken }))
