/**
 * @module
 * The store contract on writes that are made once and on approvals.
 */
import assert from 'node:assert/strict'
import type { Approval } from '../../src/store/approvals.ts'
import type { LimitReached } from '../../src/store/expiring-rows.ts'
import type { IdempotentWrite } from '../../src/store/idempotency-keys.ts'
import type { Store } from '../../src/store/open.ts'
import type { StorePromise } from './promise.ts'

const write = (more: Partial<IdempotentWrite> = {}): Omit<IdempotentWrite, 'sealed'> => ({
  id: 'w1',
  tenant: 'acme',
  serverId: 'mcp_1',
  kid: 1,
  digest: 'd1',
  owner: 'me',
  startedAt: 1_000,
  expiresAt: 2_000,
  ...more,
})
const approval = (more: Partial<Approval> = {}): Omit<Approval, 'decision' | 'usedAt'> => ({
  id: 'a1',
  tenant: 'acme',
  serverId: 'mcp_1',
  tool: 'create_a_thing',
  kid: 1,
  digest: 'd1',
  createdAt: 1_000,
  expiresAt: 2_000,
  needsDecision: true,
  ...more,
})

const MANY = 1_000
const room = { open: MANY, kept: MANY }
const begin = ({ idempotencyKeys }: Store, more: Partial<IdempotentWrite> = {}, atMost = MANY) =>
  idempotencyKeys.begin(write(more), atMost)

export const writesContract: readonly StorePromise[] = [
  {
    promise: 'of many that begin the same write at once, in two processes, one makes it and the others see it',
    async holds(fresh) {
      const { store, again } = await fresh()
      const stores = [store, await again()]
      const begun = await Promise.all(
        Array.from({ length: 20 }, (_, nth) => begin(stores[nth % 2] ?? store, { owner: `o${nth}` })),
      )
      assert.equal(begun.filter((earlier) => earlier === undefined).length, 1)
      const owners = new Set(begun.flatMap((earlier) => (earlier && 'owner' in earlier ? [earlier.owner] : [])))
      assert.equal(owners.size, 1)
    },
  },
  {
    promise: 'a write is remembered with its answer until it expires, and can be forgotten only while it has none',
    async holds(fresh) {
      const { store } = await fresh()
      const { idempotencyKeys } = store
      assert.equal(await begin(store), undefined)
      await idempotencyKeys.forget('w1')
      assert.equal(await begin(store), undefined)
      await idempotencyKeys.finish('w1', 2, Buffer.from([1, 0, 255]))
      await idempotencyKeys.forget('w1')
      const earlier = await begin(store, { startedAt: 1_999, expiresAt: 3_000 })
      assert.deepEqual(earlier, { ...write(), kid: 2, sealed: Buffer.from([1, 0, 255]) })
      assert.equal(await begin(store, { startedAt: 2_000, expiresAt: 3_000, digest: 'd2' }), undefined)
      assert.deepEqual(await begin(store), write({ startedAt: 2_000, expiresAt: 3_000, digest: 'd2' }))
      assert.deepEqual(
        [await idempotencyKeys.neededUntil(1, 2_999), await idempotencyKeys.neededUntil(1, 3_000)],
        [3_000, undefined],
      )
      assert.equal(await idempotencyKeys.neededUntil(2, 0), undefined)
      assert.equal(await idempotencyKeys.sweep(2_999), 0)
      assert.equal(await idempotencyKeys.sweep(3_000), 1)
    },
  },
  {
    promise: 'the first decision on an approval stands, it is used by exactly one of many, and it ends',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      const details = Buffer.from([1, 0, 255])
      await store.approvals.insert(approval({ details }), room)
      assert.deepEqual(await other.approvals.find('a1'), approval({ details }))
      assert.equal(await other.approvals.decide('a1', 'approved', 'tok_1', 1_500), true)
      assert.equal(await store.approvals.decide('a1', 'refused', 'tok_2', 1_501), false)
      assert.deepEqual(await store.approvals.find('a1'), { ...approval(), decision: 'approved' })
      const used = await Promise.all([store, other, store, other].map(({ approvals }) => approvals.use('a1', 1_600)))
      assert.equal(used.filter(Boolean).length, 1)
      await store.approvals.unuse('a1')
      assert.equal(await other.approvals.use('a1', 1_700), true)
      await store.approvals.insert(approval({ id: 'a2' }), room)
      assert.equal(await store.approvals.decide('a2', 'approved', 'tok_1', 2_000), false)
      assert.deepEqual(
        [await other.approvals.neededUntil(1, 0), await other.approvals.neededUntil(2, 0)],
        [2_000, undefined],
      )
      assert.equal(await store.approvals.sweep(2_000), 2)
    },
  },
  {
    promise:
      'a URL has so many remembered writes and no more, known ones are still known, and there is room when they end',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      for (const id of ['w1', 'w2', 'w3']) assert.equal(await begin(store, { id }, 3), undefined)
      await store.idempotencyKeys.finish('w1', 1, Buffer.from([1]))
      const full: LimitReached = { limitReachedUntil: 2_000 }
      assert.deepEqual(await begin(other, { id: 'w4' }, 3), full)
      assert.deepEqual(await begin(other, { id: 'w1' }, 3), { ...write(), sealed: Buffer.from([1]) })
      assert.equal(await begin(other, { id: 'w4', serverId: 'mcp_2' }, 3), undefined)
      await store.idempotencyKeys.forget('w2')
      assert.equal(await begin(other, { id: 'w5', expiresAt: 5_000 }, 3), undefined)
      assert.deepEqual(await begin(store, { id: 'w6' }, 3), full)
      // Nobody has swept: what has expired makes room when it is needed, its own name included.
      assert.equal(await begin(store, { id: 'w3', startedAt: 2_000, expiresAt: 6_000 }, 3), undefined)
      assert.equal(await begin(store, { id: 'w6', startedAt: 2_000, expiresAt: 6_000 }, 3), undefined)
      assert.deepEqual(await begin(store, { id: 'w7', startedAt: 2_001 }, 3), { limitReachedUntil: 5_000 })
      assert.deepEqual([await store.idempotencyKeys.sweep(2_001), await store.idempotencyKeys.sweep(9_000)], [1, 3])
    },
  },
  {
    promise:
      'a URL has so many open approvals and so many in all; what is decided is not open, what expires is not there',
    async holds(fresh) {
      const { store } = await fresh()
      const ask = (id: string, more: Partial<Approval> = {}) =>
        store.approvals.insert(approval({ id, ...more }), { open: 2, kept: 4 })
      assert.deepEqual([await ask('a1'), await ask('a2', { expiresAt: 1_900 })], [undefined, undefined])
      assert.deepEqual(await ask('a3'), { limitReachedUntil: 1_900 })
      assert.equal(await store.approvals.find('a3'), undefined)
      assert.equal(await ask('b1', { serverId: 'mcp_2' }), undefined)
      await store.approvals.decide('a2', 'refused', 'tok_1', 1_100)
      await store.approvals.use('a1', 1_100)
      assert.deepEqual([await ask('a3'), await ask('a4')], [undefined, undefined])
      await store.approvals.use('a3', 1_100)
      // One is open, and four are kept.
      assert.deepEqual(await ask('a5'), { limitReachedUntil: 1_900 })
      assert.equal(await ask('a5', { createdAt: 1_900 }), undefined)
      assert.equal(await store.approvals.find('a2'), undefined)
    },
  },
]
