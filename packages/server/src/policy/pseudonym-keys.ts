/**
 * @module
 * Each tenant's own pseudonym key: made once, stored sealed. It is not derived from the key ring, so that pseudonyms
 * stay what they are when the ring is rotated; only its seal is replaced.
 */
import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { KeyRing } from '../keys/key-ring.ts'
import { keyOf, open, seal } from '../keys/seal.ts'
import { type MetaStore, PSEUDONYM_KEY } from '../store/meta.ts'
import { type Pseudonyms, pseudonyms } from './pseudonyms.ts'

export interface PseudonymKeys {
  /** @throws Error when the stored key does not open with this ring. */
  of(tenant: string): Promise<Pseudonyms>
}

const KEY_BYTES = 32
const MAX_REMEMBERED = 1_000

export function pseudonymKeys(ring: KeyRing, meta: MetaStore): PseudonymKeys {
  const remembered = new LRUCache<string, Promise<Pseudonyms>>({ max: MAX_REMEMBERED })
  return {
    of(tenant) {
      const known = remembered.get(tenant)
      if (known) return known
      const found = load(ring, meta, tenant).then(pseudonyms)
      remembered.set(tenant, found)
      // A store that does not answer now may do so at the next call.
      found.catch(() => remembered.delete(tenant))
      return found
    },
  }
}

/** Seals with the current key of the ring whatever older ones have sealed. The pseudonyms stay the same. */
export async function resealPseudonymKeys(
  ring: KeyRing,
  meta: MetaStore,
): Promise<{ readonly resealed: number; readonly unreadable: number }> {
  const current = ring.sealing('pseudonym').kid
  let resealed = 0
  let unreadable = 0
  for (const [tenant, stored] of await meta.startingWith(PSEUDONYM_KEY)) {
    const bytes = Buffer.from(stored, 'base64url')
    if (keyOf(bytes) === current) continue
    const secret = open(ring, place(tenant), bytes)
    if (secret) await meta.replace(`${PSEUDONYM_KEY}${tenant}`, stored, sealed(ring, tenant, secret))
    if (secret) resealed += 1
    else unreadable += 1
  }
  return { resealed, unreadable }
}

async function load(ring: KeyRing, meta: MetaStore, tenant: string): Promise<Uint8Array> {
  const name = `${PSEUDONYM_KEY}${tenant}`
  let stored = await meta.get(name)
  if (stored === undefined) {
    await meta.putIfAbsent(name, sealed(ring, tenant, randomBytes(KEY_BYTES)))
    // Another process may have been first; its key is everybody's.
    stored = await meta.get(name)
  }
  const secret = stored === undefined ? undefined : open(ring, place(tenant), Buffer.from(stored, 'base64url'))
  if (!secret) throw new Error('Cannot make pseudonyms: the stored key does not open with this key ring')
  return secret
}

function sealed(ring: KeyRing, tenant: string, secret: Uint8Array): string {
  return Buffer.from(seal(ring, place(tenant), secret).sealed).toString('base64url')
}

function place(tenant: string) {
  return { purpose: `pseudonym|${tenant}`, context: 'key' }
}
