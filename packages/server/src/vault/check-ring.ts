/**
 * @module
 * Refuses to start with a key ring that does not open what is stored: serving with the wrong keys would mark every
 * account as broken.
 */
import type { MetaStore } from '../store/meta.ts'
import type { KeyRing } from './key-ring.ts'
import { open, seal } from './seal.ts'

const place = { purpose: 'ring-check', context: 'v1' }

/** @throws Error when the store was written with other keys. */
export async function checkRing(ring: KeyRing, meta: MetaStore): Promise<void> {
  const proof = Buffer.from(seal(ring, place, Buffer.from('ok')).sealed).toString('base64url')
  await meta.putIfAbsent('ring_check', proof)
  const stored = await meta.get('ring_check')
  if (stored === undefined || open(ring, place, Buffer.from(stored, 'base64url')) === undefined) {
    throw new Error(
      'Cannot open the store: its data was sealed with keys that are not in this key ring. Put the old key back into QUARTERMASTER_KEYS',
    )
  }
}
