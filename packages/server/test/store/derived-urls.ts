/**
 * @module
 * The store contract on URLs that were derived from others: they end with the first of their ancestors that ends.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { mcpServerConfig } from '@quartermaster/protocol'
import type { McpServer } from '../../src/entities/mcp-server.ts'
import { MAX_CHILDREN } from '../../src/store/derived-servers.ts'
import type { Store } from '../../src/store/open.ts'
import type { StorePromise } from './promise.ts'
import { sampleAccount, sampleGrant, sampleTimes } from './samples.ts'

const config = mcpServerConfig.parse({})
const server = (id: string, more: Partial<McpServer> = {}): McpServer => ({
  id,
  tenant: 'acme',
  accountId: 'acc_0000000000000001',
  name: id,
  config,
  createdAt: 0,
  expiresAt: 1_000,
  revokedAt: undefined,
  ...more,
})

/** `root` ← `child` ← `grandchild`, each opened by a token of its own id. */
async function family(store: Store): Promise<void> {
  await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
  await store.servers.insert(server('root'), 'root')
  await derive(store, 'root', 'child')
  await derive(store, 'child', 'grandchild')
}

const derive = (store: Store, parent: string, id: string, now = 10, hash = parent, expiresAt = 900) =>
  store.servers.derive(
    {
      server: server(id, { expiresAt, ancestorConfigs: [config] }),
      tokenHash: id,
      parent: { id: parent, tokenHash: hash },
    },
    now,
  )

async function working(store: Store, now: number): Promise<readonly string[]> {
  const ids = ['root', 'child', 'grandchild']
  const found = await Promise.all(ids.map((id) => store.servers.findByHash(id, now)))
  const works = found.filter((one) => one && one.revokedAt === undefined && one.expiresAt > now).map((one) => one?.id)
  // A stream lives as long as the token that it was opened with.
  const open = await store.servers.open(ids, now)
  deepEqual(
    ids.filter((id) => open.has(id)),
    works,
  )
  return works.map(String)
}

export const derivedUrlContract: readonly StorePromise[] = [
  {
    promise: 'a derived URL knows what is above it, and ends with the first that is revoked',
    async holds(fresh) {
      const { store, again } = await fresh()
      await family(store)
      const other = await again()
      deepEqual(await working(other, 20), ['root', 'child', 'grandchild'])
      deepEqual(await other.servers.find('grandchild'), {
        ...server('grandchild', { expiresAt: 900 }),
        parentId: 'child',
        ancestorConfigs: [config],
        ancestorAccountIds: [['acc_0000000000000001'], ['acc_0000000000000001']],
      })
      await store.servers.revoke('root', 30)
      deepEqual(await working(other, 31), [])
      equal((await other.servers.find('grandchild'))?.revokedAt, 30)
      equal(await derive(store, 'root', 'late', 31), 'ended')
    },
  },
  {
    promise: 'a derived URL ends when one above it is made to end earlier, or loses the token it was derived with',
    async holds(fresh) {
      const { store } = await fresh()
      await family(store)
      await store.servers.change('child', { expiresAt: 500 }, 20)
      deepEqual(await working(store, 499), ['root', 'child', 'grandchild'])
      deepEqual(await working(store, 500), ['root'])
      await store.servers.rotate('root', { tokenHash: 'root2', oldUntil: 100 }, 30)
      deepEqual(await working(store, 99), ['root', 'child', 'grandchild'])
      deepEqual(await derive(store, 'root', 'by-old', 40), { made: true, expiresAt: 100 })
      deepEqual(await derive(store, 'root', 'by-new', 40, 'root2'), { made: true, expiresAt: 900 })
      deepEqual(await working(store, 100), [])
      equal((await store.servers.find('by-new'))?.expiresAt, 900)
      await store.servers.rotate('root', { tokenHash: 'root3', oldUntil: 200 }, 41)
      deepEqual(await working(store, 42), [])
      equal((await store.servers.findByHash('by-new', 42))?.expiresAt, 200)
    },
  },
  {
    promise: 'a tenant that is revoked and an account that is removed take derived URLs with them',
    async holds(fresh) {
      const { store } = await fresh()
      await family(store)
      const revoked = await store.revokeTenant('acme', { urls: true, apiTokens: false, accounts: false }, 20)
      equal(revoked.urls, 3)
      deepEqual(await working(store, 21), [])
      const second = (await fresh()).store
      await family(second)
      await second.accounts.disconnect('acc_0000000000000001', 20)
      deepEqual(await working(second, 21), [])
    },
  },
  {
    promise: 'a URL has so many derived ones and no more, however many come at once, and room again when they end',
    async holds(fresh) {
      const { store } = await fresh()
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await store.servers.insert(server('root', { expiresAt: 10_000_000 }), 'root')
      const some = Array.from({ length: MAX_CHILDREN + 10 }, (_, nth) => derive(store, 'root', `c${nth}`))
      const made = (await Promise.all(some)).filter((one) => one !== 'too_many')
      equal(made.length, MAX_CHILDREN)
      equal(await derive(store, 'root', 'soon', 2_000), 'too_many')
      deepEqual(await derive(store, 'root', 'later', 70_000, 'root', 80_000), { made: true, expiresAt: 80_000 })
      equal((await store.servers.listByAccount('acc_0000000000000001')).length, 2)
    },
  },
]
