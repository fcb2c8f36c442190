/**
 * @module
 * Refuses to start with a key ring that does not open what is stored: serving with the wrong keys would mark every
 * account as broken.
 */

import type { KeyRing } from '../keys/key-ring.ts'
import { open, seal } from '../keys/seal.ts'
import type { MetaStore } from '../store/meta.ts'
import type { ResealStore } from '../store/resealing.ts'

const place = { purpose: 'ring-check', context: 'v1' }
const KEY = 'ring_check'

/** @throws Error that says how many rows cannot be read, when the store was written with keys that are not in the ring. */
export async function checkRing(
  ring: KeyRing,
  store: { readonly meta: MetaStore; readonly reseal: ResealStore },
): Promise<void> {
  await store.meta.putIfAbsent(KEY, proof(ring))
  const stored = await store.meta.get(KEY)
  const counts = [...(await store.reseal.countByKey())]
  const missing = counts.filter(([kid]) => !ring.opening(kid, place.purpose))
  const all = counts.reduce((sum, [, rows]) => sum + rows, 0)
  const unreadable = missing.reduce((sum, [, rows]) => sum + rows, 0)
  const opens = stored !== undefined && open(ring, place, Buffer.from(stored, 'base64url')) !== undefined
  if (opens && unreadable === 0) return
  // Without the proof nothing is readable, whatever the ids of the keys say.
  const which = opens ? `keys ${missing.map(([kid]) => kid).join(', ')}` : 'key'
  throw new Error(
    `Cannot open the store: ${opens ? unreadable : all} of its ${all} secrets were sealed with keys that are not in this key ring. Put the old ${which} back into QUARTERMASTER_KEYS or the key file`,
  )
}

/** Seals the proof with the current key, so that the one that sealed it before can go. */
export async function resealCheck(ring: KeyRing, meta: MetaStore): Promise<void> {
  const stored = await meta.get(KEY)
  if (stored !== undefined) await meta.replace(KEY, stored, proof(ring))
}

function proof(ring: KeyRing): string {
  return Buffer.from(seal(ring, place, Buffer.from('ok')).sealed).toString('base64url')
}
