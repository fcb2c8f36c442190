/**
 * @module
 * How many streams one key, a URL or a tenant, may keep open at once, so that none takes all of them.
 */

export interface StreamSlots {
  /** Takes a slot for `key` until `release` is called; undefined when `key` has all of its slots taken. */
  take(key: string): { readonly release: () => void } | undefined
}

/** Slots for any number of keys, `perKey` each. A key without streams costs nothing. */
export function streamSlots(perKey: number): StreamSlots {
  const taken = new Map<string, number>()
  const release = (key: string) => {
    const left = (taken.get(key) ?? 0) - 1
    if (left > 0) taken.set(key, left)
    else taken.delete(key)
  }
  return {
    take(key) {
      const count = taken.get(key) ?? 0
      if (count >= perKey) return undefined
      taken.set(key, count + 1)
      let isHeld = true
      return {
        release() {
          if (isHeld) release(key)
          isHeld = false
        },
      }
    },
  }
}
