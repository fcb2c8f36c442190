/**
 * @module
 * For tests only: what every {@link GateStore} must do, whatever it keeps its permits in.
 */
import { expect } from 'vitest'
import type { GateStore } from '../src/gate/gate-store.ts'

/** `open` gives a store over the same empty keys each time, as another process would have one. */
export async function gateStoreContract(open: () => GateStore): Promise<void> {
  const store = open()
  const ask = { limit: 10, windowMs: 60_000 }
  const first = await store.lease('k', { ...ask, want: 6 })
  expect(first).toMatchObject({ granted: 6, heldMs: 0 })
  const second = await open().lease('k', { ...ask, want: 6 })
  expect(second.granted).toBe(4)
  const none = await store.lease('k', { ...ask, want: 1 })
  expect(none).toMatchObject({ id: '', granted: 0 })
  expect(none.waitMs).toBeGreaterThan(0)
  // Two of six were used: four are free at once, the two when the window is over.
  const report = [{ id: first.id, agesMs: [0, 10] }]
  expect((await open().lease('k', { ...ask, want: 9, returned: report })).granted).toBe(4)
  expect((await store.lease('other', { ...ask, want: 3, spent: 8 })).granted).toBe(2)
  await store.hold('k', 50_000)
  await open().hold('k', 10)
  expect(await open().heldMs('k')).toBeGreaterThan(40_000)
  expect(await store.heldMs('other')).toBe(0)
  expect(await store.lease('k', { ...ask, limit: 1000, want: 1 })).toMatchObject({ granted: 0 })
  // Account and quota are anybody's text.
  const odd = JSON.stringify(['a}{b;c,d:1 é', "x'; drop"])
  expect((await store.lease(odd, { ...ask, want: 10 })).granted).toBe(10)
  expect((await open().lease(odd, { ...ask, want: 1 })).granted).toBe(0)
  const crowd = Array.from({ length: 8 }, () => open().lease('crowd', { want: 3, limit: 12, windowMs: 60_000 }))
  expect((await Promise.all(crowd)).reduce((sum, { granted }) => sum + granted, 0)).toBe(12)
}
