/**
 * @module
 * The store contract on accounts and their sealed grants.
 */
import assert from 'node:assert/strict'
import { UnstorableText } from '../../src/store/storable-text.ts'
import type { StorePromise } from './promise.ts'
import { sampleAccount, sampleGrant, sampleTimes } from './samples.ts'

export const accountContract: readonly StorePromise[] = [
  {
    promise: 'an account comes back as it was stored, with its grant byte by byte, to every process',
    async holds(fresh) {
      const { store, again } = await fresh()
      const label = '☂️ “Ünïcode” 株式会社 \u202e𝒳 \t\n\'";--'
      const account = sampleAccount({ label, scopes: ['crm.read', 'späce'], reason: 'Grund' })
      const bytes = Array.from({ length: 256 }, (_, byte) => byte)
      await store.accounts.insert(account, sampleGrant(1, ...bytes), sampleTimes)
      for (const reader of [store, await again()]) {
        assert.deepEqual(await reader.accounts.find(account.id), account)
        const { sealed, ...rest } = (await reader.accounts.grant(account.id)) ?? {}
        assert.deepEqual(rest, { kid: 1, ver: 1 })
        assert.deepEqual([...(sealed ?? [])], bytes)
      }
      assert.equal(await store.accounts.find('acc_nobody'), undefined)
      assert.equal(await store.accounts.grant('acc_nobody'), undefined)
      assert.equal(await store.accounts.state('acc_nobody'), undefined)
    },
  },
  {
    promise: 'a text that cannot be kept as it is is refused, and nothing of it is stored',
    async holds(fresh) {
      const { store } = await fresh()
      for (const label of ['a\0b', '\ud83d', 'x\udc00']) {
        const account = sampleAccount({ label })
        await assert.rejects(store.accounts.insert(account, sampleGrant(1, 1), sampleTimes), UnstorableText)
        assert.equal(await store.accounts.find(account.id), undefined)
      }
      await assert.rejects(store.accounts.find('\0'), UnstorableText)
    },
  },
  {
    promise: 'numbers up to 2^53 - 1 come back as numbers',
    async holds(fresh) {
      const { store } = await fresh()
      const most = Number.MAX_SAFE_INTEGER
      const account = sampleAccount({ createdAt: most })
      await store.accounts.insert(account, sampleGrant(most, 1), { expiresAt: most, refreshAt: most - 1 })
      assert.equal((await store.accounts.find(account.id))?.createdAt, most)
      const state = await store.accounts.state(account.id)
      assert.deepEqual(state?.times, { expiresAt: most, refreshAt: most - 1 })
      assert.equal(state?.ver, most)
    },
  },
  {
    promise: 'accounts are listed by tenant, the oldest first',
    async holds(fresh) {
      const { store } = await fresh()
      const rows = [
        sampleAccount({ id: 'acc_b', createdAt: 2 }),
        sampleAccount({ id: 'acc_c', createdAt: 1 }),
        sampleAccount({ id: 'acc_a', createdAt: 3, tenant: 'globex' }),
      ]
      for (const row of rows) await store.accounts.insert(row, sampleGrant(1, 1), sampleTimes)
      const ids = async (tenant?: string) => (await store.accounts.list(tenant)).map(({ id }) => id)
      assert.deepEqual(await ids('acme'), ['acc_c', 'acc_b'])
      assert.deepEqual(await ids('globex'), ['acc_a'])
      assert.deepEqual(await ids('nobody'), [])
      assert.deepEqual(await ids(), ['acc_c', 'acc_b', 'acc_a'])
    },
  },
  {
    promise: 'an account whose grant cannot be stored is not stored either: a transaction is all or nothing',
    async holds(fresh) {
      const { store } = await fresh()
      const account = sampleAccount()
      const broken = { ...sampleGrant(1), sealed: null as unknown as Uint8Array }
      await assert.rejects(store.accounts.insert(account, broken, sampleTimes))
      assert.equal(await store.accounts.find(account.id), undefined)
      // The failure leaves nothing behind that hinders the next one.
      await store.accounts.insert(account, sampleGrant(1, 7), sampleTimes)
      await assert.rejects(store.accounts.insert({ ...account, label: 'another' }, sampleGrant(1, 8), sampleTimes))
      assert.equal((await store.accounts.find(account.id))?.label, 'CRM')
      assert.deepEqual([...((await store.accounts.grant(account.id))?.sealed ?? [])], [7])
    },
  },
  {
    promise: 'a status changes only from the version that was seen, and ends the lease',
    async holds(fresh) {
      const { store } = await fresh()
      const { accounts } = store
      const { id } = sampleAccount()
      await accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await accounts.lease(id, 1, { owner: 'me', until: 10 }, 0)
      assert.equal(await accounts.setStatus(id, 2, 'needs_reauth', 'revoked'), false)
      assert.equal(await accounts.setStatus(id, 1, 'needs_reauth', 'revoked'), true)
      const state = await accounts.state(id)
      assert.equal(state?.account.status, 'needs_reauth')
      assert.equal(state?.account.reason, 'revoked')
      assert.equal(state?.leaseOwner, undefined)
      assert.equal(state?.leaseUntil, 0)
    },
  },
  {
    promise: 'a disconnected account keeps its row, loses its grant, and no refresh under way brings it back',
    async holds(fresh) {
      const { store } = await fresh()
      const { accounts } = store
      const { id } = sampleAccount()
      await accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
      await accounts.lease(id, 1, { owner: 'me', until: 10 }, 0)
      await accounts.disconnect(id, 0)
      const next = { grant: sampleGrant(2, 9), times: sampleTimes }
      assert.equal(await accounts.complete(id, 'me', 1, next), false)
      assert.equal((await accounts.find(id))?.status, 'disconnected')
      // What was refreshed too late is the one to take back; then nothing is kept.
      const claim = { owner: 'me', until: 60, now: 10, limit: 5 }
      assert.deepEqual(await store.revocations.claim({ ...claim, now: 9 }), [])
      const [due] = await store.revocations.claim(claim)
      assert.deepEqual([due?.accountId, due?.attempts, due?.secret.ver], [id, 1, 2])
      assert.deepEqual([...(due?.secret.sealed ?? [])], [9])
      assert.deepEqual(await store.revocations.claim(claim), [])
      assert.equal(await store.revocations.finish(id, 'another', 'revoked'), false)
      assert.equal(await store.revocations.finish(id, 'me', 'revoked'), true)
      assert.equal((await accounts.find(id))?.reason, 'revoked')
      assert.equal(await accounts.grant(id), undefined)
      assert.equal(await store.revocations.pending(), 0)
      assert.equal(await accounts.lease(id, 2, { owner: 'me', until: 10 }, 0), undefined)
    },
  },
]
