/**
 * @module
 * The store contract on the audit: what is appended by several processes is one chain a tenant, in one order, and whole.
 */
import assert from 'node:assert/strict'
import { auditChain } from '../../src/audit/chain.ts'
import { auditKeys } from '../../src/audit/tenant-keys.ts'
import { verifyAudit } from '../../src/audit/verify-audit.ts'
import { type AuditEntry, INSTALLATION, type StoredEntry } from '../../src/entities/audit-entry.ts'
import { newKey, parseKeyRing } from '../../src/keys/key-ring.ts'
import type { Store } from '../../src/store/open.ts'
import type { StorePromise } from './promise.ts'

const ring = parseKeyRing(newKey(1))
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
  actor: 'tok_1',
  subject: '',
  times: 1,
  shape: 'limit',
  digest: 'd',
  toolHash: 't',
  ...more,
})

const chainOf = ({ audit }: Store) => auditChain({ store: audit, keys: auditKeys(audit, ring), now: () => 1 })
const said = ({ seq: _, tenantSeq: __, hash: ___, ...rest }: StoredEntry): AuditEntry => rest

export const auditContract: readonly StorePromise[] = [
  {
    promise: 'the audit is read in the order in which it was written, page by page, by tenant',
    async holds(fresh) {
      const { store, again } = await fresh()
      await chainOf(store).write([])
      assert.deepEqual(await store.audit.heads(), [])
      await chainOf(store).write([entry(1), entry(2, { tenant: 'globex' }), entry(3, { outcome: 'rate_limited' })])
      await chainOf(await again()).write([entry(4)])
      const all = await store.audit.read(undefined, 0, 10)
      assert.deepEqual(all.filter(({ tenant }) => tenant !== INSTALLATION).map(said), [
        entry(1),
        entry(2, { tenant: 'globex' }),
        entry(3, { outcome: 'rate_limited' }),
        entry(4),
      ])
      assert.deepEqual(
        all.map(({ seq }) => seq),
        all.map((_, index) => index + 1),
      )
      const [first, second] = await store.audit.read('acme', 0, 2)
      assert.deepEqual([first?.at, second?.at], [1, 3])
      assert.deepEqual(
        (await store.audit.read('acme', second?.seq ?? 0, 2)).map(({ at, tenantSeq }) => [at, tenantSeq]),
        [[4, 3]],
      )
      assert.deepEqual(await store.audit.tenants(), [INSTALLATION, 'acme', 'globex'])
    },
  },
  {
    promise: 'a reader that follows the audit while many write misses nothing, and the chain they wrote is whole',
    async holds(fresh) {
      const { store, again } = await fresh()
      const writers = [store, await again(), await again(), await again()]
      const BATCHES = 40
      let writing = writers.length
      const write = async (to: Store, writer: number) => {
        const chain = chainOf(to)
        for (let batch = 0; batch < BATCHES; batch++) {
          const at = (writer * BATCHES + batch) * 3
          await chain.write([entry(at), entry(at + 1, { tenant: 'globex' }), entry(at + 2)])
        }
        writing -= 1
      }
      const seen: number[] = []
      const follow = async () => {
        for (let after = 0, last = false; ; ) {
          const page = await store.audit.read(undefined, after, 50)
          seen.push(...page.filter(({ tenant }) => tenant !== INSTALLATION).map(({ at }) => at))
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
      const { tenants, sound } = await verifyAudit(store.audit, ring)
      assert.deepEqual(
        tenants.map(({ tenant, rows }) => [tenant, rows]),
        [
          [INSTALLATION, 3],
          ['acme', 320],
          ['globex', 160],
        ],
      )
      assert.equal(sound, true)
    },
  },
  {
    promise: 'a batch of five hundred audit entries is one write, all or nothing',
    async holds(fresh) {
      const { store } = await fresh()
      const chain = chainOf(store)
      const batch = Array.from({ length: 500 }, (_, at) => entry(at))
      const broken = { ...entry(500), tool: null as unknown as string }
      await assert.rejects(chain.write([...batch.slice(1), broken]))
      assert.deepEqual(await store.audit.read(undefined, 0, 1), [])
      await chain.write(batch)
      assert.equal((await store.audit.read('acme', 0, 1_000)).length, 500)
      assert.equal((await verifyAudit(store.audit, ring)).sound, true)
    },
  },
]
