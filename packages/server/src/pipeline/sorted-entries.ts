/**
 * @module
 * The entries of an object or a map in one order, by their names. Stored digests were made of this form (the fingerprint
 * of a write, the filter that a cursor is sealed to, the rules of a kept answer), so it stays as it is.
 */

/** Sorted by the UTF-16 units of the names, as `Array.prototype.sort` does. */
export function sortedEntries<T>(entries: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
}
