/**
 * @module
 * A stable merge sort over a comparator that only says "comes after", split and compared in the order JSONata does, so
 * that a comparator that contradicts itself gives the same order too.
 */

/** Returns a sorted list; `list` itself when there is nothing to sort. */
export function mergeSort<T>(list: readonly T[], after: (left: T, right: T) => boolean): readonly T[] {
  if (list.length <= 1) return list
  const middle = Math.floor(list.length / 2)
  const left = mergeSort(list.slice(0, middle), after)
  const right = mergeSort(list.slice(middle), after)
  const merged: T[] = []
  let taken = 0
  for (const item of left) {
    while (taken < right.length && after(item, right[taken] as T)) {
      merged.push(right[taken] as T)
      taken += 1
    }
    merged.push(item)
  }
  return [...merged, ...right.slice(taken)]
}
