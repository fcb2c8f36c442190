/**
 * @module
 * Processes die while accounts come to need their users. Whatever dies when, every account that needs its user has
 * exactly one notification in the outbox, and its receiver hears of it with one id.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createUpstream, newWebhookSecret, notifier, parseKeyRing, sealSecret } from '@quartermaster/server'
import { LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

/** Callers go after this many accounts in a round, so that some come to an end before the processes do. */
const AT_ONCE = 40

export interface AnnounceResult {
  readonly accounts: number
  readonly kills: number
  /** Accounts without exactly one row for their one epoch. */
  readonly wrong_rows: number
  /** Accounts of which the receiver heard nothing, or under several ids. */
  readonly wrong_deliveries: number
  /** Notifications that came again, under their old id, because the receiver had failed. */
  readonly repeated_deliveries: number
}

export async function announce(count: number, { store: kind, random, step }: Setting): Promise<AnnounceResult> {
  const testbed = await openChaosTestbed('hubspot', kind)
  const heard = new Map<string, Set<string>>()
  let repeated = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const { data } = JSON.parse(body) as { data: { account_id: string } }
      const ids = heard.get(data.account_id) ?? new Set()
      const id = String(request.headers['webhook-id'])
      if (ids.has(id)) repeated += 1
      heard.set(data.account_id, ids.add(id))
      response.writeHead(random() < 0.3 ? 500 : 204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { store } = testbed
    const ring = parseKeyRing(testbed.keys)
    const id = 'whe_0000000000000000'
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const endpoint = { id, tenant: 'acme', url, createdAt: Date.now(), disabledAt: undefined }
    await store.endpoints.insert(endpoint, sealSecret(ring, { tenant: 'acme', id }, newWebhookSecret()))
    const accounts: string[] = []
    for (let n = 0; n < count; n++) accounts.push(await testbed.connect())
    testbed.authority.control('hubspot').revokeGrants()

    const waiting = async () => (await store.accounts.list('acme')).filter(({ status }) => status === 'active')
    let kills = 0
    for (let left = await waiting(); left.length > 0; left = await waiting()) {
      const pair = await Promise.all([testbed.worker(), testbed.worker()])
      const order = {
        offset: LIFETIME_MS + kills * 60_000,
        callers: 1,
        accounts: left.slice(0, AT_ONCE).map(({ id }) => id),
      }
      // Callers and scheduler of both processes, all after the same accounts.
      const working = Promise.all(pair.map((worker) => worker.tell({ ...order, sweep: true })))
      // Until some have come to an end, however busy the machine is; then at any moment.
      const enough = left.length - Math.floor((random() * AT_ONCE) / 2)
      let done = false
      void working.then(() => {
        done = true
      })
      while (!done && (await waiting()).length > enough) await delay(20)
      await delay(random() * 50)
      for (const { process } of pair) process.kill('SIGKILL')
      await Promise.all(pair.map(({ ended }) => ended))
      kills += pair.length
      step(count - left.length, count)
    }

    let now = Date.now() + 2 * LIFETIME_MS
    const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
    const bell = notifier({
      outbox: store.outbox,
      endpoints: store.endpoints,
      ring,
      upstream,
      now: () => now,
      random,
      owner: testbed.store.owner,
      onDelivery: () => {},
      onError: (error) => console.error(error),
    })
    for (let idle = 0; idle < 3; now += 600_000) idle = (await bell.tick()) === 0 ? idle + 1 : 0
    await upstream.close()

    let [wrongRows, wrongDeliveries] = [0, 0]
    for (const account of accounts) {
      const events = await store.outbox.events(account)
      if (events.length !== 1 || events[0]?.epoch !== 1) wrongRows += 1
      if (heard.get(account)?.size !== 1) wrongDeliveries += 1
    }
    return {
      accounts: count,
      kills,
      wrong_rows: wrongRows,
      wrong_deliveries: wrongDeliveries,
      repeated_deliveries: repeated,
    }
  } finally {
    server.close()
    await testbed.close()
  }
}
