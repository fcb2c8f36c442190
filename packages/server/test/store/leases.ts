/**
 * @module
 * The store contract on leases: at most one holder, conditional on the version that was seen, given back or taken over.
 */
import assert from 'node:assert/strict'
import type { AccountStore } from '../../src/store/accounts.ts'
import type { FreshStore, StorePromise } from './promise.ts'
import { sampleAccount, sampleGrant, sampleTimes } from './samples.ts'

const { id } = sampleAccount()
const next = (ver: number) => ({ grant: sampleGrant(ver, ver), times: { expiresAt: 900, refreshAt: 800 } })

async function oneAccount(fresh: () => Promise<FreshStore>): Promise<FreshStore & { readonly accounts: AccountStore }> {
  const opened = await fresh()
  const { accounts } = opened.store
  await accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
  return { ...opened, accounts }
}

export const leaseContract: readonly StorePromise[] = [
  {
    promise: 'one of many processes gets a lease, however close they come',
    async holds(fresh) {
      const { store, again } = await oneAccount(fresh)
      const processes = [store, ...(await Promise.all([again(), again(), again()]))]
      for (let round = 0; round < 10; round++) {
        const asked = processes.flatMap(({ accounts }, process) =>
          [0, 1, 2].map((caller) =>
            accounts.lease(id, 1, { owner: `p${process}.${caller}`, until: 100 * (round + 1) }, 100 * round),
          ),
        )
        const won = (await Promise.all(asked)).filter((attempts) => attempts !== undefined)
        assert.deepEqual(won, [round + 1])
      }
    },
  },
  {
    promise: 'a lease is had only for the version that was seen, of an active account, when no other is running',
    async holds(fresh) {
      const { accounts } = await oneAccount(fresh)
      assert.equal(await accounts.lease(id, 2, { owner: 'a', until: 100 }, 0), undefined)
      assert.equal(await accounts.lease('acc_nobody', 1, { owner: 'a', until: 100 }, 0), undefined)
      assert.equal(await accounts.lease(id, 1, { owner: 'a', until: 100 }, 0), 1)
      assert.equal(await accounts.lease(id, 1, { owner: 'b', until: 199 }, 99), undefined)
      const state = await accounts.state(id)
      assert.deepEqual([state?.leaseOwner, state?.leaseUntil, state?.attempts], ['a', 100, 1])
      // At its end it is anybody's; the attempt that never reported back is counted.
      assert.equal(await accounts.lease(id, 1, { owner: 'b', until: 200 }, 100), 2)
      await accounts.setStatus(id, 1, 'quarantined', 'grant_does_not_open')
      assert.equal(await accounts.lease(id, 1, { owner: 'c', until: 300 }, 250), undefined)
    },
  },
  {
    promise: 'a lease that ended without a word is respected as long as asked for, by callers and by the scheduler',
    async holds(fresh) {
      const { store, accounts } = await oneAccount(fresh)
      const { refreshAt } = sampleTimes
      const ask = (now: number) => accounts.lease(id, 1, { owner: 'b', until: now + 100, takeoverDelayMs: 50 }, now)
      const claim = (now: number) =>
        store.refreshes.claimDue({ system: 'crm', owner: 'c', until: now + 100, now, limit: 1, takeoverDelayMs: 50 })
      await accounts.lease(id, 1, { owner: 'a', until: refreshAt + 100 }, refreshAt)
      assert.equal(await ask(refreshAt + 149), undefined)
      assert.deepEqual(await claim(refreshAt + 149), [])
      assert.equal(await ask(refreshAt + 150), 2)
      assert.equal((await claim(refreshAt + 300)).length, 1)
      await accounts.release(id, 'c', false)
      assert.equal(await ask(refreshAt + 300), 3)
    },
  },
  {
    promise: 'a lease is given back by its holder only, with or without its attempt',
    async holds(fresh) {
      const { accounts } = await oneAccount(fresh)
      await accounts.lease(id, 1, { owner: 'a', until: 100 }, 0)
      await accounts.release(id, 'b', false)
      assert.equal((await accounts.state(id))?.leaseOwner, 'a')
      await accounts.release(id, 'a', false)
      assert.deepEqual(await leaseOf(accounts), [undefined, 0, 0])
      await accounts.lease(id, 1, { owner: 'a', until: 100 }, 0)
      await accounts.release(id, 'a', true)
      assert.deepEqual(await leaseOf(accounts), [undefined, 0, 1])
      assert.equal(await accounts.lease(id, 1, { owner: 'b', until: 100 }, 0), 2)
    },
  },
  {
    promise: 'the lease of a dead process is broken once, and never the one that followed it',
    async holds(fresh) {
      const { accounts } = await oneAccount(fresh)
      await accounts.lease(id, 1, { owner: 'dead', until: 100 }, 0)
      assert.equal(await accounts.breakLease(id, { owner: 'dead', until: 99 }), false)
      assert.equal(await accounts.breakLease(id, { owner: 'dead', until: 100 }), true)
      assert.equal(await accounts.breakLease(id, { owner: 'dead', until: 100 }), false)
      assert.equal(await accounts.lease(id, 1, { owner: 'living', until: 100 }, 0), 2)
      assert.equal(await accounts.breakLease(id, { owner: 'dead', until: 100 }), false)
      assert.equal((await accounts.state(id))?.leaseOwner, 'living')
    },
  },
  {
    promise: 'a refreshed grant is stored by the holder of the lease, once, and seen by every process',
    async holds(fresh) {
      const { accounts, again } = await oneAccount(fresh)
      await accounts.lease(id, 1, { owner: 'a', until: 100 }, 0)
      assert.equal(await accounts.complete(id, 'b', 1, next(2)), false)
      assert.equal(await accounts.complete(id, 'a', 7, next(8)), false)
      assert.equal(await accounts.complete(id, 'a', 1, next(2)), true)
      assert.equal(await accounts.complete(id, 'a', 1, next(2)), false)
      const other = (await again()).accounts
      const state = await other.state(id)
      assert.deepEqual([state?.ver, state?.times, state?.attempts], [2, next(2).times, 0])
      assert.deepEqual([...((await other.grant(id))?.sealed ?? [])], [2])
    },
  },
  {
    promise: 'a holder whose lease was taken over cannot store any more',
    async holds(fresh) {
      const { accounts } = await oneAccount(fresh)
      await accounts.lease(id, 1, { owner: 'slow', until: 100 }, 0)
      await accounts.lease(id, 1, { owner: 'next', until: 200 }, 100)
      assert.equal(await accounts.complete(id, 'slow', 1, next(2)), false)
      assert.deepEqual([...((await accounts.grant(id))?.sealed ?? [])], [1])
      assert.equal(await accounts.complete(id, 'next', 1, next(2)), true)
    },
  },
  {
    promise: 'a process that runs is not dead',
    async holds(fresh) {
      const { store, again } = await oneAccount(fresh)
      const other = await again()
      assert.equal(await other.isDead(store.owner), false)
      assert.equal(await store.isDead(other.owner), false)
    },
  },
]

async function leaseOf(accounts: AccountStore): Promise<unknown> {
  const state = await accounts.state(id)
  return [state?.leaseOwner, state?.leaseUntil, state?.attempts]
}
