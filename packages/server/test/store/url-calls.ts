/**
 * @module
 * The store contract on daily budgets of URLs: as many calls as the budget has, over all processes, and no other day's.
 */
import assert from 'node:assert/strict'
import type { StorePromise } from './promise.ts'

export const urlCallsContract: readonly StorePromise[] = [
  {
    promise: 'of calls at many processes at once, as many are counted in as the budget has',
    async holds(fresh) {
      const { store, again } = await fresh()
      const processes = [store, await again(), await again()]
      const calls = Array.from({ length: 30 }, (_, nth) => processes[nth % 3]?.urlCalls.take('mcp_a', [12], 100))
      const refused = (await Promise.all(calls)).filter((spent) => spent === 12)
      assert.equal(refused.length, 18)
      assert.equal(await (await again()).urlCalls.take('mcp_a', [12], 100), 12)
      assert.equal(await store.urlCalls.take('mcp_b', [12], 100), undefined)
    },
  },
  {
    promise: 'a day begins at nothing, and a clock that is behind does not bring the old one back',
    async holds(fresh) {
      const { urlCalls } = (await fresh()).store
      assert.equal(await urlCalls.take('mcp_a', [1], 100), undefined)
      assert.equal(await urlCalls.take('mcp_a', [1], 100), 1)
      assert.equal(await urlCalls.take('mcp_a', [1], 101), undefined)
      assert.equal(await urlCalls.take('mcp_a', [1], 100), 1)
      assert.equal(await urlCalls.take('mcp_a', [1], 101), 1)
    },
  },
]
