import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { expiredAccount, type World } from '../../test/vault.ts'
import { createUpstream } from '../outbound/upstream.ts'
import type { QueueWorker } from '../time/leased-queue.ts'
import { notifier } from './notifier.ts'
import { newWebhookSecret, sealSecret } from './webhook-secret.ts'

interface Heard {
  readonly id: string
  readonly body: string
  readonly headers: Record<string, string>
}

/** A receiver on a free port that answers what `status` says. */
async function receiver(status: (nth: number) => number) {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = request.headers as Record<string, string>
      heard.push({ id: headers['webhook-id'] ?? '', body: Buffer.concat(chunks).toString('utf8'), headers })
      const code = status(heard.length)
      response.writeHead(code, code === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

async function endpoint(world: World, url: string, tenant = 'acme') {
  const id = `whe_${Math.random().toString(36).slice(2).padEnd(16, '0').slice(0, 16)}`
  const secret = newWebhookSecret()
  const row = { id, tenant, url, createdAt: world.clock.now(), disabledAt: undefined }
  await world.store.endpoints.insert(row, sealSecret(world.ring, { tenant, id }, secret))
  return { id, secret }
}

function worker(world: World, name: string, open = true): QueueWorker {
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: open })
  onTestFinished(() => upstream.close())
  return notifier({
    outbox: world.store.outbox,
    endpoints: world.store.endpoints,
    ring: world.ring,
    upstream,
    now: world.clock.now,
    random: () => 0.5,
    owner: name,
    onDelivery: () => {},
    onError: (error) => {
      throw error
    },
  })
}

const markNeedsReauth = (world: World) =>
  world.store.refreshes.markNeedsReauth(world.account.id, 1, {
    reason: 'revoked',
    at: world.clock.now(),
    probeAt: 9e12,
  })

test('needs_reauth is told once to every endpoint of its tenant, signed, without anything personal', async () => {
  const world = await expiredAccount()
  const { heard, url } = await receiver(() => 204)
  const { secret } = await endpoint(world, url)
  await endpoint(world, url, 'globex')
  // Everybody who saw the refusal reports it; one report counts.
  expect((await Promise.all([1, 2, 3].map(() => markNeedsReauth(world)))).filter(Boolean)).toHaveLength(1)
  const [a, b] = [worker(world, 'a'), worker(world, 'b')]
  await Promise.all([a.tick(), b.tick(), a.tick(), b.tick()])
  expect(heard).toHaveLength(1)
  const [first] = heard
  // The signature's clock is the test's; the library's own check of its age is not what is tested here.
  const { headers, body } = first!
  const signed = new Webhook(secret).sign(first!.id, new Date(world.clock.now()), body)
  expect(headers['webhook-signature']).toBe(signed)
  expect(JSON.parse(body)).toEqual({
    type: 'account.needs_reauth',
    timestamp: new Date(world.clock.now()).toISOString(),
    data: { account_id: world.account.id, tenant: 'acme', system: 'crm', epoch: 1, reason: 'revoked' },
  })
})

test('a receiver that fails is tried again for more than a day, always with the same id, then no more', async () => {
  const world = await expiredAccount()
  const { heard, url } = await receiver(() => 500)
  await endpoint(world, url)
  await markNeedsReauth(world)
  const startedAt = world.clock.now()
  const notify = worker(world, 'a')
  let lastAt = 0
  for (let minute = 0; minute < 3 * 24 * 60; minute++) {
    if ((await notify.tick()) > 0) lastAt = world.clock.now() - startedAt
    world.clock.at += 60_000
  }
  expect(heard).toHaveLength(8)
  expect(new Set(heard.map(({ id }) => id)).size).toBe(1)
  expect(lastAt).toBeGreaterThan(24 * 3_600_000)
})

test('what a process was delivering when it died is delivered by another one', async () => {
  const world = await expiredAccount()
  const { heard, url } = await receiver(() => 200)
  await endpoint(world, url)
  await markNeedsReauth(world)
  const now = world.clock.now()
  expect(await world.store.outbox.claim({ owner: 'dead', until: now + 30_000, now, limit: 10 })).toHaveLength(1)
  const notify = worker(world, 'b')
  expect(await notify.tick()).toBe(0)
  world.clock.at += 30_001
  expect(await notify.tick()).toBe(1)
  expect(heard).toHaveLength(1)
})

test('410 ends all deliveries there, a redirect is not followed, and a private address is not connected to', async () => {
  const world = await expiredAccount()
  const gone = await receiver(() => 410)
  const moved = await receiver(() => 302)
  const { id } = await endpoint(world, gone.url)
  await endpoint(world, moved.url)
  await markNeedsReauth(world)
  const notify = worker(world, 'a')
  await notify.tick()
  expect((await world.store.endpoints.find(id))?.disabledAt).toBe(world.clock.now())
  world.clock.at += 60_000
  await notify.tick()
  expect([gone.heard.length, moved.heard.length]).toEqual([1, 2])

  const inside = await receiver(() => 200)
  await endpoint(world, inside.url)
  await endpoint(world, inside.url.replace('http://127.0.0.1', 'https://localhost'))
  world.clock.at += 3_600_000
  const other = await world.connect()
  await world.store.refreshes.markNeedsReauth(other.id, 1, { reason: 'revoked', at: world.clock.now(), probeAt: 9e12 })
  await worker(world, 'c', false).tick()
  expect(inside.heard).toEqual([])
})
