/**
 * @module
 * Query locators: the rows of a query that did not fit into one answer, kept for a while under an id of the server's.
 */
import { mintRecordId } from '../record-id.ts'
import { refused } from '../refusal.ts'
import type { Answer, Rendered } from '../soql/selection.ts'

/** How long a locator works after it was made. */
const LIFETIME_MS = 2 * 86_400_000

/** Open cursors of one org; the oldest makes room. */
const MAX_OPEN = 50

export interface Page {
  readonly totalSize: number
  readonly done: boolean
  readonly nextRecordsUrl?: string
  readonly records: readonly Rendered[]
}

export interface Cursors {
  /** The first page; the rest waits under the locator in `nextRecordsUrl`. */
  open(answer: Answer, batchSize: number, root: string, now: number): Page
  /** @throws {Refused} INVALID_QUERY_LOCATOR when the locator is unknown, expired or beyond the end. */
  resume(locator: string, batchSize: number, root: string, now: number): Page
}

export function createCursors(instance: string): Cursors {
  const open = new Map<string, { readonly answer: Answer; readonly expiresAt: number }>()
  let opened = 0

  const page = (id: string, answer: Answer, from: number, batchSize: number, root: string): Page => {
    const until = from + batchSize
    const done = until >= answer.records.length
    const records = answer.records.slice(from, until)
    const { totalSize } = answer
    if (done) return { totalSize, done, records }
    return { totalSize, done, nextRecordsUrl: `${root}/query/${id}-${until}`, records }
  }
  return {
    open(answer, batchSize, root, now) {
      opened += 1
      const id = mintRecordId('01g', instance, opened)
      if (answer.records.length > batchSize) {
        open.set(id, { answer, expiresAt: now + LIFETIME_MS })
        const oldest = open.size > MAX_OPEN ? open.keys().next().value : undefined
        if (oldest !== undefined) open.delete(oldest)
      }
      return page(id, answer, 0, batchSize, root)
    },
    resume(locator, batchSize, root, now) {
      const [, id = '', from = ''] = /^(01g[A-Za-z0-9]{15})-(\d{1,9})$/.exec(locator) ?? []
      const cursor = open.get(id)
      if (cursor === undefined || cursor.expiresAt <= now || Number(from) >= cursor.answer.records.length) {
        throw refused(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
      }
      return page(id, cursor.answer, Number(from), batchSize, root)
    },
  }
}
