/**
 * @module
 * Something that is made of parts, made once for as long as the parts are the same objects.
 */

/** Keeps the last thing made under each key, for at most so many keys; what was made first goes first. */
export function memoizeByIdentity<T>(most: number): (key: string, parts: readonly unknown[], make: () => T) => T {
  const kept = new Map<string, { readonly parts: readonly unknown[]; readonly made: T }>()
  return (key, parts, make) => {
    const known = kept.get(key)
    if (known && areSame(known.parts, parts)) return known.made
    const made = make()
    kept.delete(key)
    kept.set(key, { parts, made })
    const [oldest] = kept.keys()
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
    return made
  }
}

function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at])
}
