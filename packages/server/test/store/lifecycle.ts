/**
 * @module
 * The store contract on tokens that are replaced, grants that are taken back, and tenants that revoke everything.
 */
import { deepStrictEqual as deepEqual, strictEqual as equal } from 'node:assert'
import { mcpServerConfig } from '@quartermaster/protocol'
import type { McpServer } from '../../src/entities/mcp-server.ts'
import type { StorePromise } from './promise.ts'
import { sampleAccount, sampleGrant, sampleTimes } from './samples.ts'

const server = (more: Partial<McpServer> = {}): McpServer => ({
  id: 'mcp_1',
  tenant: 'acme',
  accountId: sampleAccount().id,
  name: 'reader',
  config: mcpServerConfig.parse({}),
  createdAt: 1,
  expiresAt: 1_000,
  revokedAt: undefined,
  ...more,
})
const second = 'acc_0000000000000002'

export const lifecycleContract: readonly StorePromise[] = [
  {
    promise: 'a URL has two tokens for the overlap and never three; both open the same, and revoking ends both',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await store.servers.insert(server(), 'first')
      const opens = async (hash: string, at: number) => {
        const found = await other.servers.findByHash(hash, at)
        return found && { config: found.config, expiresAt: found.expiresAt, accountId: found.accountId }
      }
      const before = await opens('first', 10)
      equal(await store.servers.rotate('mcp_1', { tokenHash: 'second', oldUntil: 50 }, 10), true)
      deepEqual(await opens('first', 49), before)
      deepEqual(await opens('second', 49), before)
      equal(await opens('first', 50), undefined)
      equal(await store.servers.rotate('mcp_1', { tokenHash: 'third', oldUntil: 60 }, 20), true)
      equal(await opens('first', 21), undefined)
      deepEqual(await opens('second', 21), before)
      deepEqual(await opens('third', 21), before)
      await store.servers.revoke('mcp_1', 30)
      equal((await other.servers.findByHash('second', 31))?.revokedAt, 30)
      equal((await other.servers.findByHash('third', 31))?.revokedAt, 30)
      equal(await store.servers.rotate('mcp_1', { tokenHash: 'fourth', oldUntil: 90 }, 32), false)
      equal(await opens('fourth', 33), undefined)
    },
  },
  {
    promise: 'of many secrets at once, those that open a URL or an API token now are told, old ones until their end',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      const { servers, apiTokens } = store
      const token = { tenant: 'acme', name: 'ci', scopes: ['runtime'], createdAt: 1, revokedAt: undefined } as const
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      for (const id of ['mcp_1', 'mcp_2', 'mcp_3']) await servers.insert(server({ id }), `${id}-first`)
      for (const id of ['tok_1', 'tok_2', 'tok_3']) await apiTokens.insert({ ...token, id }, `${id}-first`)
      for (const [kind, ids] of [
        [servers, ['mcp_1', 'mcp_2', 'mcp_3']],
        [apiTokens, ['tok_1', 'tok_2', 'tok_3']],
      ] as const) {
        const [one = '', two = '', three = ''] = ids
        await kind.rotate(one, { tokenHash: `${one}-second`, oldUntil: 50 }, 10)
        await kind.revoke(two, 10)
        const asked = [`${one}-first`, `${one}-second`, `${two}-first`, `${three}-first`, 'nobody']
        const told = async (now: number) => {
          const found = await (kind === servers ? other.servers.open(asked, now) : other.apiTokens.valid(asked, now))
          return asked.filter((hash) => found.has(hash))
        }
        deepEqual(await told(49), [`${one}-first`, `${one}-second`, `${three}-first`])
        deepEqual(await told(50), [`${one}-second`, `${three}-first`])
        await kind.rotate(one, { tokenHash: `${one}-third`, oldUntil: 90 }, 60)
        deepEqual(await told(60), [`${one}-second`, `${three}-first`])
        deepEqual(await told(90), [`${three}-first`])
      }
      equal((await other.servers.open(['mcp_3-first'], 1_000)).has('mcp_3-first'), false)
    },
  },
  {
    promise: 'a URL is renamed or ended earlier, and never later, in whatever order two changes come',
    async holds(fresh) {
      const { store } = await fresh()
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await store.servers.insert(server(), 'first')
      equal(await store.servers.change('mcp_1', { name: 'writer', expiresAt: 500 }, 10), true)
      equal(await store.servers.change('mcp_1', { expiresAt: 600 }, 10), false)
      deepEqual(await store.servers.find('mcp_1'), server({ name: 'writer', expiresAt: 500 }))
      equal(await store.servers.change('mcp_1', { name: 'late' }, 500), false)
      equal(await store.servers.rotate('mcp_1', { tokenHash: 'second', oldUntil: 900 }, 500), false)
    },
  },
  {
    promise: 'an API token is rotated as a URL is',
    async holds(fresh) {
      const { store } = await fresh()
      const { apiTokens } = store
      const token = { id: 'tok_1', tenant: 'acme', name: 'ci', scopes: ['runtime'], createdAt: 1 } as const
      await apiTokens.insert({ ...token, revokedAt: undefined }, 'first')
      equal(await apiTokens.rotate('tok_1', { tokenHash: 'second', oldUntil: 50 }), true)
      equal((await apiTokens.findByHash('first', 49))?.id, 'tok_1')
      equal(await apiTokens.findByHash('first', 50), undefined)
      equal(await apiTokens.rotate('tok_1', { tokenHash: 'third', oldUntil: 50 }), true)
      equal(await apiTokens.findByHash('first', 20), undefined)
      equal((await apiTokens.findByHash('second', 20))?.oldUntil, 50)
      await apiTokens.revoke('tok_1', 30)
      equal(await apiTokens.rotate('tok_1', { tokenHash: 'fourth', oldUntil: 50 }), false)
    },
  },
  {
    promise:
      'URLs and tokens of tenants are gone some time after their end; an operator’s token that is revoked stays so',
    async holds(fresh) {
      const { store } = await fresh()
      const { servers, apiTokens } = store
      const ends = { live: 1_000, expired: 90, revoked: 1_000, recent: 100 }
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      for (const [id, expiresAt] of Object.entries(ends)) await servers.insert(server({ id, expiresAt }), id)
      await servers.revoke('revoked', 95)
      equal(await servers.sweep(100), 2)
      deepEqual((await servers.listByAccount(sampleAccount().id)).map(({ id }) => id).sort(), ['live', 'recent'])
      equal(await servers.sweep(100), 0)
      const token = { name: 'ci', scopes: ['runtime'], createdAt: 1, revokedAt: undefined } as const
      for (const [id, tenant] of [['live'], ['old'], ['recent'], ['operator', null]] as const) {
        await apiTokens.insert({ ...token, id, tenant: tenant === null ? undefined : 'acme' }, id)
      }
      for (const id of ['old', 'operator']) await apiTokens.revoke(id, 95)
      await apiTokens.revoke('recent', 100)
      equal(await apiTokens.sweep(100), 1)
      deepEqual((await apiTokens.list(undefined)).map(({ id }) => id).sort(), ['live', 'operator', 'recent'])
      equal((await apiTokens.findByHash('operator', 200))?.revokedAt, 95)
    },
  },
  {
    promise: 'a grant is shared while another live account has its refresh token or its user at the same system',
    async holds(fresh) {
      const { store } = await fresh()
      const { accounts, connections, revocations } = store
      const { id, system } = sampleAccount()
      await accounts.insert(sampleAccount(), { ...sampleGrant(1, 1), mark: 'same' }, sampleTimes)
      await accounts.insert(sampleAccount({ id: second }), { ...sampleGrant(1, 2), mark: 'same' }, sampleTimes)
      equal(await revocations.isShared(id, system), true)
      const { ver } = (await accounts.state(second)) ?? { ver: 0 }
      const moved = { account: sampleAccount({ id: second }), grant: sampleGrant(2, 3), times: sampleTimes, at: 1 }
      equal(await connections.replaceGrant(ver, moved), true)
      equal(await revocations.isShared(id, system), false)
      const person = { orgId: '1', userId: '2', org: 'Acme' }
      await connections.setIdentity(id, person)
      await connections.setIdentity(second, { ...person, userId: '3' })
      equal(await revocations.isShared(id, system), false)
      equal(await connections.countLive(system, person), 1)
      await connections.setIdentity(second, person)
      equal(await revocations.isShared(id, system), true)
      equal(await connections.countLive(system, person), 2)
      equal(await connections.countLive('another', person), 0)
      await accounts.disconnect(second, 5)
      equal(await revocations.isShared(id, system), false)
      equal(await connections.countLive(system, person), 1)
    },
  },
  {
    promise: "a tenant's URLs, tokens and accounts end in one step, counted once, and another tenant's stay",
    async holds(fresh) {
      const { store } = await fresh()
      const foreign = sampleAccount({ id: second, tenant: 'globex' })
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await store.accounts.insert(foreign, sampleGrant(1, 2), sampleTimes)
      await store.servers.insert(server(), 'mine')
      await store.servers.insert(server({ id: 'mcp_2', tenant: 'globex', accountId: second }), 'theirs')
      for (const tenant of ['acme', 'globex', undefined]) {
        const token = { id: `tok_${tenant}`, tenant, name: 'x', scopes: ['admin'], createdAt: 1 } as const
        await store.apiTokens.insert({ ...token, revokedAt: undefined }, `token-${tenant}`)
      }
      const none = { urls: 0, apiTokens: 0, accounts: 0, connectLinks: 0 }
      const urls = { urls: true, apiTokens: false, accounts: false }
      deepEqual(await store.revokeTenant('acme', urls, 7), { ...none, urls: 1 })
      deepEqual(await store.revokeTenant('acme', urls, 8), none)
      const all = { urls: true, apiTokens: true, accounts: true }
      deepEqual(await store.revokeTenant('acme', all, 9), { ...none, apiTokens: 1, accounts: 1 })
      equal((await store.servers.find('mcp_1'))?.revokedAt, 7)
      equal((await store.accounts.find(sampleAccount().id))?.reason, 'revoking')
      equal((await store.servers.find('mcp_2'))?.revokedAt, undefined)
      equal((await store.accounts.find(second))?.status, 'active')
      equal((await store.apiTokens.findByHash('token-globex', 9))?.revokedAt, undefined)
      equal((await store.apiTokens.findByHash('token-undefined', 9))?.revokedAt, undefined)
      equal(await store.revocations.pending(), 1)
    },
  },
]
