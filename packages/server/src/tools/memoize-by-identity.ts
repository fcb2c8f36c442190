/**
 * @module
 * Something that is made of parts, made once for as long as the parts are the same objects.
 */
import { LRUCache } from 'lru-cache'

/** Keeps the last thing made under each key, for the `max` keys that were used last. */
export function memoizeByIdentity<T>(max: number): (key: string, parts: readonly unknown[], make: () => T) => T {
  const kept = new LRUCache<string, { readonly parts: readonly unknown[]; readonly made: T }>({ max })
  return (key, parts, make) => {
    const known = kept.get(key)
    if (known && areSame(known.parts, parts)) return known.made
    const made = make()
    kept.set(key, { parts, made })
    return made
  }
}

function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at])
}
