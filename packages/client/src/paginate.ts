/**
 * @module
 * Follows cursors, but not for ever: pages and items are bounded, a cursor that comes back ends the reading, and what was
 * read before a fault is kept together with the place to go on from.
 */
import { abortable } from './time/deadline.ts'

/** One page of a list, as a tool answers it. */
export interface Page<T> {
  readonly result: readonly T[]
  readonly next_cursor?: string | null
}

/** What was read of a list. */
export interface Paged<T> {
  readonly items: readonly T[]
  /** Pages read. */
  readonly pages: number
  /** Where to go on: pass it as `cursor`. Null at the end, and after a loop, where there is no going on. */
  readonly nextCursor: string | null
  /** There is, or may be, more than `items` holds. */
  readonly truncated: boolean
  readonly stoppedBy: 'end' | 'max_pages' | 'max_items' | 'cursor_loop' | 'cancelled' | 'error'
  /** What `fetchPage` threw, when that stopped the reading. */
  readonly error?: unknown
}

/** Bounds of reading a list. */
export interface PageOptions<T = unknown> {
  /** Default 10, the guide's figure. */
  readonly maxPages?: number
  /** No further page is read once this many items are there. Pages are kept whole, so that no cursor skips a record. */
  readonly maxItems?: number
  /** `nextCursor` of an earlier, bounded reading. */
  readonly cursor?: string | null
  readonly onPage?: (page: Page<T>, pages: number) => void
  /** Ends the reading at once, also while a page is under way: that page is dropped, and `nextCursor` repeats it. */
  readonly signal?: AbortSignal
}

/**
 * Reads page after page. A fault of `fetchPage` does not throw: it ends the reading with `stoppedBy: 'error'`, also on the
 * first page, so look at `stoppedBy` before calling a short list complete.
 *
 * @example
 * ```ts
 * const deals = await paginate((cursor) => fetchDeals(cursor), { maxPages: 10 })
 * if (deals.truncated) console.warn(`cut off: ${deals.stoppedBy}; go on from`, deals.nextCursor)
 * ```
 * @throws RangeError when a bound is not a whole number of at least 1.
 */
export async function paginate<T>(
  fetchPage: (cursor: string | undefined) => Promise<Page<T>>,
  options: PageOptions<T> = {},
): Promise<Paged<T>> {
  const { maxPages = 10, maxItems = Number.POSITIVE_INFINITY, onPage, signal } = options
  if (!Number.isInteger(maxPages) || maxPages < 1) {
    throw new RangeError('Cannot read pages: maxPages must be a whole number of at least 1')
  }
  if (!(maxItems >= 1)) throw new RangeError('Cannot read pages: maxItems must be at least 1')
  const items: T[] = []
  const seen = new Set<string>()
  // An empty cursor means no cursor, as on the wire.
  let cursor = options.cursor || null
  let pages = 0
  const stop = (stoppedBy: Paged<T>['stoppedBy'], nextCursor: string | null, fault?: { error: unknown }): Paged<T> => ({
    items,
    pages,
    nextCursor,
    truncated: stoppedBy !== 'end',
    stoppedBy,
    ...fault,
  })

  while (pages < maxPages) {
    if (signal?.aborted) return stop('cancelled', cursor)
    if (cursor !== null) seen.add(cursor)
    let page: Page<T>
    try {
      page = await abortable(fetchPage(cursor ?? undefined), signal)
      for (const item of page.result) items.push(item)
    } catch (error) {
      return signal?.aborted ? stop('cancelled', cursor) : stop('error', cursor, { error })
    }
    pages += 1
    onPage?.(page, pages)
    const next = page.next_cursor || null
    if (next === null) return stop('end', null)
    if (seen.has(next)) return stop('cursor_loop', null)
    cursor = next
    if (items.length >= maxItems) return stop('max_items', cursor)
  }
  return stop('max_pages', cursor)
}
