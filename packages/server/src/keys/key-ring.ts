/**
 * @module
 * The keys that everything secret is sealed with. The first key of the ring seals; all of them open, so that a new key
 * can be put in front while what the old one sealed is still readable.
 */
import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'

export interface KeyRing {
  /** The key that seals from now on, derived for one purpose (a tenant's vault, cursors). */
  sealing(purpose: string): { readonly kid: number; readonly key: KeyObject }
  /** The key with that id for that purpose, or undefined when the ring does not have it. */
  opening(kid: number, purpose: string): KeyObject | undefined
  /** Ids of its keys, the sealing one first. */
  kids(): readonly number[]
}

const CACHED_KEYS = 10_000

/**
 * Reads `1:<base64url of 32 bytes>[,2:…]`, the first key being the one that seals.
 * @throws Error that names the position of a bad key, never its text.
 */
export function parseKeyRing(text: string): KeyRing {
  const masters = new Map<number, Buffer>()
  for (const [index, item] of text.trim().split(',').entries()) {
    const match = /^(\d{1,3}):([0-9A-Za-z_-]{43})=?$/.exec(item.trim())
    const kid = Number(match?.[1])
    if (!match?.[2] || kid > 255) {
      throw new Error(`Cannot read the key ring: key ${index + 1} is not <id from 0 to 255>:<32 bytes in base64url>.`)
    }
    if (masters.has(kid)) throw new Error(`Cannot read the key ring: the id ${kid} stands twice`)
    masters.set(kid, Buffer.from(match[2], 'base64url'))
  }
  return keyRing(masters)
}

function keyRing(masters: ReadonlyMap<number, Buffer>): KeyRing {
  const [current] = masters.keys()
  if (current === undefined) throw new Error('Cannot read the key ring: it is empty')
  // Deriving costs ~15 µs and there are few purposes in use at a time.
  const derived = new LRUCache<string, KeyObject>({ max: CACHED_KEYS })
  function opening(kid: number, purpose: string): KeyObject | undefined {
    const name = `${kid}|${purpose}`
    const known = derived.get(name)
    if (known) return known
    const master = masters.get(kid)
    if (!master) return undefined
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', master, '', `quartermaster|${purpose}`, 32)))
    derived.set(name, key)
    return key
  }
  return {
    opening,
    kids: () => [...masters.keys()],
    sealing(purpose) {
      const key = opening(current as number, purpose)
      if (!key) throw new TypeError('the sealing key is always in the ring')
      return { kid: current as number, key }
    },
  }
}

/** A new key ring entry with this id, from 32 random bytes. */
export function newKey(kid: number): string {
  return `${kid}:${randomBytes(32).toString('base64url')}`
}
