/**
 * @module
 * All records of a list or search tool, within bounds: pages through {@link callTool}, so every page waits, retries and
 * counts like any other call.
 */
import type { CallError } from './call-error.ts'
import { type CallOptions, callTool } from './call-tool.ts'
import type { McpConn, ToolRef } from './mcp-conn.ts'
import { type Page, type Paged, type PageOptions, paginate } from './paginate.ts'

/** Bounds of the pages, and how each page is called. */
export type ListAllOptions<T> = PageOptions<T> & CallOptions

/** {@link Paged} whose `error`, if any, is a {@link CallError}. */
export interface Listed<T> extends Paged<T> {
  readonly error?: CallError
}

/**
 * Reads every page of a list tool.
 *
 * @example
 * ```ts
 * const contacts = await listAll<Contact>(conn, 'list_all_acme_contacts', { limit: '100' }, { account, gate })
 * ```
 */
export async function listAll<T = Record<string, unknown>>(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef | string,
  args: Readonly<Record<string, unknown>>,
  options: ListAllOptions<T>,
): Promise<Listed<T>> {
  // Listing is reading, whether or not the caller has the tool's annotations at hand.
  const ref: ToolRef = typeof tool === 'string' ? { name: tool, annotations: { readOnlyHint: true } } : tool
  const { error, ...paged } = await paginate<T>(async (cursor): Promise<Page<T>> => {
    const withCursor = cursor === undefined ? args : { ...args, next_cursor: cursor }
    const outcome = await callTool(conn, ref, withCursor, options)
    if (!outcome.ok) throw new PageFailed(outcome.error)
    const { envelope } = outcome
    if (!('next_cursor' in envelope)) throw new PageFailed(notAList(ref.name, outcome.attempts))
    return { result: envelope.result as T[], next_cursor: envelope.next_cursor }
  }, options)
  if (error === undefined) return paged
  if (error instanceof PageFailed) return { ...paged, error: error.fault }
  throw error
}

class PageFailed extends Error {
  override readonly name = 'PageFailed'
  readonly fault: CallError

  constructor(fault: CallError) {
    super(fault.message)
    this.fault = fault
  }
}

function notAList(tool: string, attempts: number): CallError {
  return {
    code: 'bad_answer',
    status: 502,
    message: `Cannot read pages: ${tool} answers with one record, not with a list.`,
    retryable: false,
    attempts,
    advice: 'Use a list or search tool.',
  }
}
