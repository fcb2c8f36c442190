/**
 * @module
 * The store contract on writes that are made once and on approvals.
 */
import assert from 'node:assert/strict'
import type { Approval } from './approvals.ts'
import type { MadeWrite } from './made-writes.ts'
import type { StorePromise } from './store-promise.ts'

const write = (more: Partial<MadeWrite> = {}): Omit<MadeWrite, 'sealed'> => ({
  id: 'w1',
  tenant: 'acme',
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

export const writesContract: readonly StorePromise[] = [
  {
    promise: 'of many that begin the same write at once, in two processes, one makes it and the others see it',
    async holds(fresh) {
      const { store, again } = await fresh()
      const stores = [store, await again()]
      const begun = await Promise.all(
        Array.from({ length: 20 }, (_, nth) => stores[nth % 2]?.madeWrites.begin(write({ owner: `o${nth}` }))),
      )
      assert.equal(begun.filter((earlier) => earlier === undefined).length, 1)
      const owners = new Set(begun.flatMap((earlier) => (earlier ? [earlier.owner] : [])))
      assert.equal(owners.size, 1)
    },
  },
  {
    promise: 'a write is remembered with its answer until it expires, and can be forgotten only while it has none',
    async holds(fresh) {
      const { store } = await fresh()
      const { madeWrites } = store
      assert.equal(await madeWrites.begin(write()), undefined)
      await madeWrites.forget('w1')
      assert.equal(await madeWrites.begin(write()), undefined)
      await madeWrites.finish('w1', 2, Buffer.from([1, 0, 255]))
      await madeWrites.forget('w1')
      const earlier = await madeWrites.begin(write({ startedAt: 1_999, expiresAt: 3_000 }))
      assert.deepEqual(earlier, { ...write(), kid: 2, sealed: Buffer.from([1, 0, 255]) })
      assert.equal(await madeWrites.begin(write({ startedAt: 2_000, expiresAt: 3_000, digest: 'd2' })), undefined)
      assert.deepEqual(await madeWrites.begin(write()), write({ startedAt: 2_000, expiresAt: 3_000, digest: 'd2' }))
      assert.deepEqual(
        [await madeWrites.neededUntil(1, 2_999), await madeWrites.neededUntil(1, 3_000)],
        [3_000, undefined],
      )
      assert.equal(await madeWrites.neededUntil(2, 0), undefined)
      assert.equal(await madeWrites.sweep(2_999), 0)
      assert.equal(await madeWrites.sweep(3_000), 1)
    },
  },
  {
    promise: 'the first decision on an approval stands, it is used by exactly one of many, and it ends',
    async holds(fresh) {
      const { store, again } = await fresh()
      const other = await again()
      await store.approvals.insert(approval())
      assert.deepEqual(await other.approvals.find('a1'), approval())
      assert.equal(await other.approvals.decide('a1', 'approved', 'tok_1', 1_500), true)
      assert.equal(await store.approvals.decide('a1', 'refused', 'tok_2', 1_501), false)
      assert.deepEqual(await store.approvals.find('a1'), { ...approval(), decision: 'approved' })
      const used = await Promise.all([store, other, store, other].map(({ approvals }) => approvals.use('a1', 1_600)))
      assert.equal(used.filter(Boolean).length, 1)
      await store.approvals.unuse('a1')
      assert.equal(await other.approvals.use('a1', 1_700), true)
      await store.approvals.insert(approval({ id: 'a2' }))
      assert.equal(await store.approvals.decide('a2', 'approved', 'tok_1', 2_000), false)
      assert.deepEqual(
        [await other.approvals.neededUntil(1, 0), await other.approvals.neededUntil(2, 0)],
        [2_000, undefined],
      )
      assert.equal(await store.approvals.sweep(2_000), 2)
    },
  },
]
