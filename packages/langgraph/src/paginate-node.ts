/**
 * @module
 * A graph node that reads a list page by page into a {@link pagedValue} channel. It stops at its bounds, and visited
 * again on the same thread it goes on from the stored cursor. It does not throw for a page that fails.
 */
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import { type Page, paginate } from '@quartermaster/client'
import { z } from 'zod'
import type { PagedState } from './paged-value.ts'
import { toStoredFault } from './stored-fault.ts'

/** What to read, into which channel, and how far. */
export interface PaginateNodeOptions<K extends string, T, S> {
  /** The channel to read into. */
  readonly into: K
  readonly fetch: (cursor: string | undefined, state: S, config: LangGraphRunnableConfig) => Promise<Page<T>>
  /** Pages of one visit; default 10. */
  readonly maxPages?: number
  /** No further page is read once one visit has this many items. */
  readonly maxItems?: number
}

const stored = z.object({ pages: z.number(), nextCursor: z.string().nullable() })
const NO_REASON = 'Cannot read the page: no reason given'

/**
 * @example
 * ```ts
 * const read = paginateNode({ into: 'deals', fetch: (cursor) => fetchDeals(cursor), maxPages: 10 })
 * const graph = new StateGraph(State).addNode('read', read)
 * ```
 */
export function paginateNode<K extends string, T, S extends object = Record<string, unknown>>(
  options: PaginateNodeOptions<K, T, S>,
): (state: S, config: LangGraphRunnableConfig) => Promise<{ [P in K]?: PagedState<T> }> {
  const { into, fetch, maxPages, maxItems } = options
  return async (state, config) => {
    const before = stored.safeParse(Reflect.get(state, into)).data ?? { pages: 0, nextCursor: null }
    // Read to the end: reading on would mean reading everything twice.
    if (before.pages > 0 && before.nextCursor === null) return {}
    const { error, ...paged } = await paginate<T>((cursor) => fetch(cursor, state, config), {
      cursor: before.nextCursor,
      onPage: (page, pages) => config.writer?.({ type: 'page', into, pages, items: page.result.length }),
      ...(maxPages === undefined ? {} : { maxPages }),
      ...(maxItems === undefined ? {} : { maxItems }),
      ...(config.signal ? { signal: config.signal } : {}),
    })
    const update: PagedState<T> = error === undefined ? paged : { ...paged, error: toStoredFault(error, NO_REASON) }
    return { [into]: update } as { [P in K]?: PagedState<T> }
  }
}
