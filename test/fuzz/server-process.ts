/**
 * @module
 * The server that is fuzzed, alone in its process, so that its memory is its own and a crash is one. It watches itself
 * and answers its parent: what has happened since it was last asked, and how much memory it holds.
 */
import { PassThrough } from 'node:stream'
import { newApiToken, newKey } from '@quartermaster/server'
import { pino } from 'pino'
import { sandboxApp, startServer } from 'quartermaster'
import { memoryNow } from './memory.ts'
import { plant } from './plant.ts'
import type { Asked, ServerOrder } from './server-apart.ts'
import { watch } from './watch.ts'

const order = JSON.parse(process.argv[2] ?? '{}') as ServerOrder
const [adminToken, keyRing] = [newApiToken(), newKey(1)]
const secrets = [adminToken, keyRing.slice(2)]
const eye = watch(() => secrets)
const sink = new PassThrough()
sink.on('data', (chunk: Buffer) => eye.logged(chunk.toString('utf8')))
const server = await startServer({
  dataDir: order.dataDir,
  host: '127.0.0.1',
  port: 0,
  publicUrl: undefined,
  allowedHosts: [],
  app: () => sandboxApp,
  log: pino({ level: 'debug' }, sink),
  env: { QUARTERMASTER_KEYS: keyRing, QUARTERMASTER_ADMIN_TOKEN: adminToken },
  quotaShare: false,
  inbound: { ratePerS: 1_000_000, burst: 1_000_000 },
  dangerousVendorBase: (tenant, system) =>
    tenant === 'globex' ? `${order.spoiledUrl}/globex/${system}` : `${order.vendorsUrl}/acme/${system}`,
})
if (order.plant) plant(order.plant)

/** What a question of the parent is answered; a `Finding` by its message. */
async function answerTo(asked: Asked): Promise<unknown> {
  if (asked.ask === 'hide') return void secrets.push(asked.secret)
  if (asked.ask === 'check') return found()
  if (asked.ask === 'lines') return eye.lines()
  return asked.ask === 'memory' ? memoryNow() : server.stop()
}

function found(): string | undefined {
  try {
    eye.check()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

process.on('message', async ({ id, asked }: { readonly id: number; readonly asked: Asked }) => {
  process.send?.({ id, answer: await answerTo(asked) })
  if (asked.ask === 'stop') process.disconnect()
})
process.once('disconnect', () => process.exit(0))
process.send?.({ ready: { url: server.url, adminToken, keyRing } })
