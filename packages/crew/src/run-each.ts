/**
 * @module
 * The same work for each of many, a few at a time.
 */

/** Results in the order of `list`. @throws RangeError when `concurrency` is not a whole number of at least 1. */
export async function runEach<T, R>(
  list: readonly T[],
  concurrency: number,
  run: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError('Cannot run the crew for each: concurrency must be a whole number of at least 1')
  }
  const results: PromiseSettledResult<R>[] = []
  // One iterator for all lanes: each takes the next item when it is free.
  const items = list.entries()
  const lane = async () => {
    for (const [index, item] of items) {
      results[index] = (await Promise.allSettled([run(item)]))[0]
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, list.length) }, lane))
  return results
}
