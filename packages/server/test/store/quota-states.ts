/**
 * @module
 * The store contract on quota states: of the processes that saw the same version one writes, and all read what was written.
 */
import assert from 'node:assert/strict'
import type { StorePromise } from './promise.ts'
import { sampleAccount } from './samples.ts'

const { id } = sampleAccount()

export const quotaContract: readonly StorePromise[] = [
  {
    promise: 'a quota state is begun by one of many processes, and then replaced by one for each version',
    async holds(fresh) {
      const { store, again } = await fresh()
      const processes = [store, ...(await Promise.all([again(), again(), again()]))]
      assert.equal(await store.quotaStates.read(id), undefined)
      for (let ver = 0; ver < 10; ver++) {
        const tries = processes.map(({ quotaStates }, index) => quotaStates.write(id, ver, `{"by":${index}}`))
        const won = await Promise.all(tries)
        assert.equal(won.filter(Boolean).length, 1)
        for (const { quotaStates } of processes) {
          assert.deepEqual(await quotaStates.read(id), { ver: ver + 1, state: `{"by":${won.indexOf(true)}}` })
        }
      }
    },
  },
  {
    promise: 'a quota state that another process has replaced, or that is not there, is not replaced',
    async holds(fresh) {
      const { quotaStates } = (await fresh()).store
      assert.equal(await quotaStates.write(id, 3, '{}'), false)
      assert.equal(await quotaStates.read(id), undefined)
      assert.equal(await quotaStates.write(id, 0, '{}'), true)
      assert.equal(await quotaStates.write(id, 0, '{"late":1}'), false)
      assert.equal(await quotaStates.write(id, 2, '{"early":1}'), false)
      assert.deepEqual(await quotaStates.read(id), { ver: 1, state: '{}' })
      assert.equal(await quotaStates.read('acc_other'), undefined)
    },
  },
]
