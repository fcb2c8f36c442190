/**
 * @module
 * The store contract on URLs over several accounts: they end with the last of them.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { mcpServerConfig } from '@quartermaster/protocol'
import type { McpServer } from '../../src/entities/mcp-server.ts'
import type { Store } from '../../src/store/open.ts'
import type { StorePromise } from './promise.ts'
import { sampleAccount, sampleGrant, sampleTimes } from './samples.ts'

const ids = ['acc_0000000000000001', 'acc_0000000000000002', 'acc_0000000000000003'] as const
const [first, second, third] = ids
const config = mcpServerConfig.parse({})

const server = (id: string, accountId: string, ...others: readonly string[]): McpServer => ({
  id,
  tenant: 'acme',
  accountId,
  ...(others.length > 0 ? { otherAccountIds: others } : {}),
  name: id,
  config,
  createdAt: 1,
  expiresAt: 1_000,
  revokedAt: undefined,
})

async function house(store: Store): Promise<void> {
  for (const id of ids) await store.accounts.insert(sampleAccount({ id }), sampleGrant(1, 1), sampleTimes)
  await store.servers.insert(server('alone', first), 'alone')
  await store.servers.insert(server('pair', first, second), 'pair')
  await store.servers.insert(server('other', third), 'other')
}

const listed = async (store: Store, account: string) => (await store.servers.listByAccount(account)).map(({ id }) => id)
const revoked = async (store: Store, id: string) => (await store.servers.find(id))?.revokedAt

export const sharedUrlContract: readonly StorePromise[] = [
  {
    promise: 'a URL keeps its accounts in their order, and is listed under each of them',
    async holds(fresh) {
      const { store, again } = await fresh()
      await house(store)
      const other = await again()
      deepEqual(await other.servers.findByHash('pair', 10), server('pair', first, second))
      deepEqual(await listed(other, first), ['alone', 'pair'])
      deepEqual(await listed(other, second), ['pair'])
      deepEqual(await listed(other, third), ['other'])
    },
  },
  {
    promise: 'a URL ends with the last of its accounts, whichever that is',
    async holds(fresh) {
      const { store } = await fresh()
      await house(store)
      await store.accounts.disconnect(first, 20)
      equal(await revoked(store, 'alone'), 20)
      equal(await revoked(store, 'pair'), undefined)
      await store.accounts.disconnect(second, 30)
      equal(await revoked(store, 'pair'), 30)
      equal(await revoked(store, 'other'), undefined)
    },
  },
  {
    promise: 'a derived URL has the accounts that it was given',
    async holds(fresh) {
      const { store } = await fresh()
      await house(store)
      const child = { ...server('child', second), parentId: 'pair', ancestorConfigs: [config] }
      const parent = { id: 'pair', tokenHash: 'pair' }
      deepEqual(await store.servers.derive({ server: child, tokenHash: 'child', parent }, 10), {
        made: true,
        expiresAt: 1_000,
      })
      deepEqual(await store.servers.find('child'), { ...child, ancestorAccountIds: [[first, second]] })
      await store.accounts.disconnect(second, 20)
      equal(await revoked(store, 'child'), 20)
      equal(await revoked(store, 'pair'), undefined)
    },
  },
]
