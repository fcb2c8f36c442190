/**
 * @module
 * For agents that follow cursors themselves: after so many pages of one list, the next is refused, with the cursor to go
 * on from. Counted from the messages since the last human one, so it survives checkpoints and belongs to one run.
 */
import { ToolMessage } from '@langchain/core/messages'
import { type CallError, callErrorText } from '@quartermaster/client'
import { type AgentMiddleware, createMiddleware } from 'langchain'
import { countPages } from './count-pages.ts'

/** The bound, and how a cursor is recognized. */
export interface PageGuardOptions {
  /** Default 10. */
  readonly maxPages?: number
  /** The argument that carries the cursor; default `next_cursor`. */
  readonly cursorArg?: string
}

/**
 * @example
 * ```ts
 * const agent = createAgent({ model, tools, middleware: [pageGuard({ maxPages: 10 })] })
 * ```
 */
export function pageGuard(options: PageGuardOptions = {}): AgentMiddleware {
  const { maxPages = 10, cursorArg = 'next_cursor' } = options
  if (!Number.isInteger(maxPages) || maxPages < 1) {
    throw new RangeError('Cannot guard pages: maxPages must be a whole number of at least 1')
  }
  return createMiddleware({
    name: 'PageGuard',
    wrapToolCall: (request, handler) => {
      const { toolCall } = request
      const cursor: unknown = toolCall.args[cursorArg]
      if (typeof cursor !== 'string' || cursor === '') return handler(request)
      const pages = countPages(request.state, toolCall, cursorArg, cursor, maxPages)
      if (pages < maxPages) return handler(request)
      const error: CallError & { resumeCursor: string } = {
        code: 'page_limit',
        message: `${pages} pages of this list were read, which is all that one run may read.`,
        retryable: false,
        attempts: 0,
        advice: 'Answer with what you have, say that the list is incomplete, or narrow it down with a filter.',
        resumeCursor: cursor,
      }
      const { error: shown } = JSON.parse(callErrorText(error))
      return new ToolMessage({
        status: 'error',
        content: JSON.stringify({ error: { ...shown, resume_cursor: cursor } }),
        artifact: { error },
        name: toolCall.name,
        tool_call_id: toolCall.id ?? '',
      })
    },
  })
}
