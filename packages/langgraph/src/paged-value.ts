/**
 * @module
 * A state channel for lists read in pages: new pages are appended, the last cursor is kept, so that a later visit on the
 * same thread goes on where this one stopped.
 */
import { ReducedValue } from '@langchain/langgraph'
import { z } from 'zod'
import { type StoredFault, storedFault } from './stored-fault.ts'

/** A list read so far, as plain data. */
export interface PagedState<T> {
  readonly items: readonly T[]
  readonly pages: number
  readonly nextCursor: string | null
  readonly truncated: boolean
  readonly stoppedBy: 'end' | 'max_pages' | 'max_items' | 'cursor_loop' | 'cancelled' | 'error'
  readonly error?: StoredFault
}

/**
 * A channel for {@link paginateNode}. Writing `null` empties it.
 *
 * @example
 * ```ts
 * const State = new StateSchema({ deals: pagedValue(z.object({ id: z.string() })), report: z.string().optional() })
 * ```
 */
export function pagedValue<T>(item: z.ZodType<T>): ReducedValue<PagedState<T>, PagedState<T> | null> {
  const paged: z.ZodType<PagedState<T>> = z.object({
    items: z.array(item),
    pages: z.number().int().nonnegative(),
    nextCursor: z.string().nullable(),
    truncated: z.boolean(),
    stoppedBy: z.enum(['end', 'max_pages', 'max_items', 'cursor_loop', 'cancelled', 'error']),
    error: storedFault.optional(),
  })
  return new ReducedValue<PagedState<T>, PagedState<T> | null>(paged.default(emptyList), {
    inputSchema: paged.nullable(),
    reducer: (current, next) =>
      next === null
        ? emptyList()
        : { ...next, items: [...current.items, ...next.items], pages: current.pages + next.pages },
  })
}

function emptyList(): PagedState<never> {
  return { items: [], pages: 0, nextCursor: null, truncated: false, stoppedBy: 'end' }
}
