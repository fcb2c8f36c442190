/**
 * @module
 * The store contract on what is not a grant: tool URLs, API tokens, the audit, facts about the installation.
 */
import assert from 'node:assert/strict'
import { mcpServerConfig } from '@quartermaster/protocol'
import type { ApiToken } from '../../src/entities/api-token.ts'
import type { McpServer } from '../../src/entities/mcp-server.ts'
import type { StorePromise } from './promise.ts'
import { sampleAccount, sampleGrant, sampleTimes } from './samples.ts'

const server = (more: Partial<McpServer> = {}): McpServer => ({
  id: 'mcp_1',
  tenant: 'acme',
  accountId: sampleAccount().id,
  name: 'Lesen — 読む',
  config: mcpServerConfig.parse({ methods: ['read'], tags: ['crm'] }),
  createdAt: 1,
  expiresAt: 4_102_444_800_000,
  revokedAt: undefined,
  ...more,
})
const token = (more: Partial<ApiToken> = {}): ApiToken => ({
  id: 'tok_1',
  tenant: 'acme',
  name: 'n',
  scopes: ['runtime'],
  createdAt: 1,
  revokedAt: undefined,
  ...more,
})

export const recordContract: readonly StorePromise[] = [
  {
    promise: 'a tool URL is found by its hash until it is revoked, and then says when; every process sees it at once',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await store.servers.insert(server(), 'hash-1')
      await store.servers.insert(server({ id: 'mcp_2', createdAt: 2 }), 'hash-2')
      assert.deepEqual(await other.servers.findByHash('hash-1', 10), server())
      assert.equal(await other.servers.findByHash('hash-3', 10), undefined)
      await assert.rejects(store.servers.insert(server({ id: 'mcp_3' }), 'hash-1'))
      await assert.rejects(store.servers.insert(server({ id: 'mcp_3', accountId: 'acc_nobody' }), 'hash-3'))
      const listed = await store.servers.listByAccount(sampleAccount().id)
      assert.deepEqual(
        listed.map(({ id }) => id),
        ['mcp_1', 'mcp_2'],
      )
      assert.equal(await store.servers.revoke('mcp_1', 77), true)
      assert.equal((await other.servers.findByHash('hash-1', 10))?.revokedAt, 77)
      assert.equal(await other.servers.revoke('mcp_1', 78), false)
      await other.accounts.disconnect(sampleAccount().id, 79)
      assert.equal((await store.servers.find('mcp_1'))?.revokedAt, 77)
      assert.equal((await store.servers.find('mcp_2'))?.revokedAt, 79)
    },
  },
  {
    promise: 'an API token is found by its hash and revoked once; one of no tenant covers all',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      const operator = token({ id: 'tok_2', tenant: undefined, scopes: ['admin', 'runtime', 'audit'], createdAt: 2 })
      await store.apiTokens.insert(token(), 'hash-1')
      await store.apiTokens.insert(operator, 'hash-2')
      await assert.rejects(store.apiTokens.insert(token({ id: 'tok_3' }), 'hash-1'))
      assert.deepEqual(await other.apiTokens.findByHash('hash-2', 10), operator)
      assert.deepEqual(await other.apiTokens.find('tok_1'), token())
      assert.deepEqual(await other.apiTokens.list('acme'), [token()])
      assert.deepEqual(await other.apiTokens.list(undefined), [token(), operator])
      assert.equal(await store.apiTokens.revoke('tok_1', 5), true)
      assert.equal(await other.apiTokens.revoke('tok_1', 6), false)
      assert.equal((await other.apiTokens.findByHash('hash-1', 10))?.revokedAt, 5)
    },
  },
  {
    promise: 'a fact about the installation is what was said first, also when two say it at once',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      assert.equal(await store.meta.get('k'), undefined)
      await Promise.all([store.meta.putIfAbsent('k', 'a ✓'), other.meta.putIfAbsent('k', 'b ✓')])
      const value = await store.meta.get('k')
      assert.match(value ?? '', /^[ab] ✓$/)
      await other.meta.putIfAbsent('k', 'c')
      assert.equal(await other.meta.get('k'), value)
    },
  },
]
