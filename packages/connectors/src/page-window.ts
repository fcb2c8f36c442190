/**
 * @module
 * The five kinds of paging, as two pure steps: what to ask for, and what of the answer is this page and the way on.
 */
import type { Pagination } from './connector-file.ts'
import type { IdTest } from './id-shape.ts'

/** What the request's expressions see. */
export interface PageWindow {
  /** How many records the caller gets at most. */
  readonly limit: number
  /** How many to ask the system for. */
  readonly fetch: number
  readonly cursor?: string
}

export interface Page {
  readonly records: readonly unknown[]
  readonly cursor?: string
}

/** True when `cursor` is one that this kind of paging can have produced. */
export function isCursor(kind: Pagination, cursor: string, isKey: IdTest | undefined): boolean {
  switch (kind.kind) {
    case 'keyset':
      return isKey?.(cursor) === true
    case 'offset':
    case 'none':
      return /^\d{1,9}$/.test(cursor)
    case 'cursor':
      return /^[\x21-\x7e]{1,1024}$/.test(cursor)
    case 'link':
      return /^\?[\x21\x22\x24-\x7e]{1,2047}$/.test(cursor)
  }
}

/** Keyset paging asks for one record more, to know whether there is a next page without counting. */
export function pageWindow(kind: Pagination, limit: number, cursor: string | undefined): PageWindow {
  const fetch = kind.kind === 'keyset' ? limit + 1 : limit
  return { limit, fetch, ...(cursor === undefined ? {} : { cursor }) }
}

/**
 * Cuts the page out of what the system sent.
 * `told` is the cursor that the connector's expression found (`cursor`), or the query of the next link (`link`).
 */
export function cutPage(kind: Pagination, window: PageWindow, all: readonly unknown[], told: string | undefined): Page {
  switch (kind.kind) {
    case 'cursor':
    case 'link':
      return { records: all, ...(told === undefined ? {} : { cursor: told }) }
    case 'keyset': {
      const records = all.slice(0, window.limit)
      const last = records.at(-1) as { readonly [name: string]: unknown } | undefined
      const key = all.length > window.limit ? last?.[kind.key] : undefined
      return { records, ...(typeof key === 'string' ? { cursor: key } : {}) }
    }
    case 'offset': {
      const next = Number(window.cursor ?? 0) + all.length
      return { records: all, ...(all.length < window.limit ? {} : { cursor: String(next) }) }
    }
    case 'none': {
      // The system sends everything at once; the page is cut here, so that the caller's limit holds.
      const start = Number(window.cursor ?? 0)
      const end = start + window.limit
      return { records: all.slice(start, end), ...(end < all.length ? { cursor: String(end) } : {}) }
    }
  }
}

/**
 * The query of `Link: <…?query>; rel="next"`. Only the query is taken: where the link leads to is not the sender's choice.
 */
export function nextLink(header: string | undefined): string | undefined {
  for (const part of (header ?? '').slice(0, 16_384).split(/,(?=\s*<)/)) {
    const open = part.indexOf('<')
    const close = part.indexOf('>', open)
    if (open < 0 || close < 0 || !/;\s*rel="?next"?\s*(;|$)/.test(part.slice(close))) continue
    const query = part
      .slice(open + 1, close)
      .split('#', 1)[0]
      ?.split('?')[1]
    if (query) return `?${query}`
  }
  return undefined
}
