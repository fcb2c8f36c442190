/**
 * @module
 * The store contract on what is not a grant: tool URLs, API tokens, the audit, facts about the installation.
 */
import assert from 'node:assert/strict'
import { mcpServerConfig } from '@quartermaster/protocol'
import type { AuditEntry } from '../audit/entry.ts'
import type { ApiToken } from '../tenants/api-token.ts'
import type { McpServer } from '../tenants/mcp-server.ts'
import type { Store } from './open.ts'
import { type StorePromise, sampleAccount, sampleGrant, sampleTimes } from './store-promise.ts'

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
const entry = (at: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at,
  requestId: `req_${at}`,
  tenant: 'acme',
  accountId: 'acc_1',
  serverId: 'mcp_1',
  tool: 'list_all_things',
  phase: 'outcome',
  outcome: 'ok',
  ms: 12,
  records: 3,
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
    promise: 'the audit is read in the order in which it was written, page by page, by tenant',
    async holds(fresh) {
      const { store, again } = await fresh()
      await store.audit.append([])
      await store.audit.append([entry(1), entry(2, { tenant: 'globex' }), entry(3, { outcome: 'rate_limited' })])
      await (await again()).audit.append([entry(4)])
      const all = await store.audit.read(undefined, 0, 10)
      assert.deepEqual(
        all.map(({ seq: _, ...rest }) => rest),
        [entry(1), entry(2, { tenant: 'globex' }), entry(3, { outcome: 'rate_limited' }), entry(4)],
      )
      const [first, second] = await store.audit.read('acme', 0, 2)
      assert.deepEqual([first?.at, second?.at], [1, 3])
      assert.deepEqual(
        (await store.audit.read('acme', second?.seq ?? 0, 2)).map(({ at }) => at),
        [4],
      )
    },
  },
  {
    promise: 'a reader that follows the audit while many write misses nothing',
    async holds(fresh) {
      const { store, again } = await fresh()
      const writers = [store, await again(), await again(), await again()]
      const BATCHES = 40
      let writing = writers.length
      const write = async ({ audit }: Store, writer: number) => {
        for (let batch = 0; batch < BATCHES; batch++) {
          const at = (writer * BATCHES + batch) * 3
          await audit.append([entry(at), entry(at + 1), entry(at + 2)])
        }
        writing -= 1
      }
      const seen: number[] = []
      const follow = async () => {
        for (let after = 0, last = false; ; ) {
          const page = await store.audit.read('acme', after, 50)
          seen.push(...page.map(({ at }) => at))
          after = page.at(-1)?.seq ?? after
          if (page.length > 0) continue
          if (last) return
          // What was written before this look is seen by one more.
          last = writing === 0
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      await Promise.all([follow(), ...writers.map(write)])
      assert.equal(seen.length, writers.length * BATCHES * 3)
      assert.equal(new Set(seen).size, seen.length)
    },
  },
  {
    promise: 'a batch of five hundred audit entries is one write, all or nothing',
    async holds(fresh) {
      const { store } = await fresh()
      const batch = Array.from({ length: 500 }, (_, at) => entry(at))
      const broken = { ...entry(500), tool: null as unknown as string }
      await assert.rejects(store.audit.append([...batch.slice(1), broken]))
      assert.deepEqual(await store.audit.read(undefined, 0, 1), [])
      await store.audit.append(batch)
      assert.equal((await store.audit.read(undefined, 0, 1_000)).length, 500)
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
