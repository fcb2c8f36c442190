/**
 * @module
 * What the proof works with: a store, a guarded way out with a resolver that a test decides, one without a guard, and a
 * server that is an authority, a vendor and a receiver of webhooks, and may redirect.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Connector, loadCatalog } from '@quartermaster/connectors'
import {
  connectAccount,
  createUpstream,
  type KeyRing,
  type LookupAll,
  newKey,
  newWebhookSecret,
  notifier,
  openStore,
  parseKeyRing,
  type Store,
  sealSecret,
  type Upstream,
} from '@quartermaster/server'

export interface SsrfTestbed {
  readonly store: Store
  readonly ring: KeyRing
  readonly connector: Connector
  readonly guarded: Upstream
  readonly open: Upstream
  /** The server that answers what `reply` says. */
  readonly url: string
  readonly port: number
  reply(request: IncomingMessage): { readonly status: number; readonly location?: string; readonly body?: string }
  /** Tells every one of these URLs that an account needs its user; resolves with how many were tried. */
  notify(urls: readonly string[], upstream: Upstream): Promise<number>
  close(): Promise<void>
}

export async function openSsrfTestbed(lookup: LookupAll): Promise<SsrfTestbed> {
  const store = await openStore()
  const ring = parseKeyRing(newKey(1))
  const connector = loadCatalog().get('salesforce')
  if (!connector) throw new Error('Cannot open a testbed: the catalog lacks its system')
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, location, body = '' } = testbed.reply(request)
      // Header bytes are what a hostile server sends, not what a URL parser made of them.
      const bytes = location === undefined ? {} : { location: Buffer.from(location, 'utf8').toString('latin1') }
      response.writeHead(status, { 'content-type': 'application/json', ...bytes }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let serial = 0

  const testbed: SsrfTestbed = {
    store,
    ring,
    connector,
    guarded: createUpstream({ lookup }),
    open: createUpstream({ lookup, dangerouslyAllowPrivateAddresses: true }),
    url: `http://127.0.0.1:${port}`,
    port,
    reply: () => ({ status: 204 }),
    async notify(urls, upstream) {
      serial += 1
      const tenant = `t${serial}`
      const ids = urls.map((_, index) => `whe_${String(serial * 10_000 + index).padStart(16, '0')}`)
      for (const [index, url] of urls.entries()) {
        const id = ids[index] ?? ''
        const endpoint = { id, tenant, url, createdAt: 1, disabledAt: undefined }
        await store.endpoints.insert(endpoint, sealSecret(ring, { tenant, id }, newWebhookSecret()))
      }
      const account = await connectAccount(
        { store: store.accounts, ring, now: Date.now, random: Math.random },
        {
          tenant,
          connector,
          label: 'CRM',
          answer: {
            accessToken: 'at',
            refreshToken: 'rt',
            expiresInS: 60,
            scopes: undefined,
            kept: { instance_url: 'https://acme.my.salesforce.com' },
          },
        },
      )
      await store.refreshes.markNeedsReauth(account.id, 1, { reason: 'revoked', at: Date.now(), probeAt: 9e12 })
      let tried = 0
      const bell = notifier({
        outbox: store.outbox,
        endpoints: store.endpoints,
        ring,
        upstream,
        now: Date.now,
        random: Math.random,
        owner: `owner-${serial}`,
        onDelivery() {
          tried += 1
        },
        onError: (error) => {
          throw error
        },
      })
      while ((await bell.tick()) > 0 && tried < urls.length);
      await bell.stop()
      // A delivery that failed is due again later, when the upstream of another call would send it.
      for (const id of ids) await store.endpoints.remove(id)
      return tried
    },
    async close() {
      await Promise.all([testbed.guarded.close(), testbed.open.close()])
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
    },
  }
  return testbed
}
