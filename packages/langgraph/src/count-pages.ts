/**
 * @module
 * How many pages of a list a run has read on its way to a cursor. Two ways to count, because arguments can be varied and
 * answers can be cut out of the messages: the larger holds.
 */
import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { callsBefore, messagesOfRun } from './run-calls.ts'

interface PageCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly id?: string | undefined
}

/** Shorter cursors are page numbers, which stand in too many answers to tell which one brought them. */
const LEAST_TELLING = 8

/** Pages of this list that the run asked for before `call`, which carries `cursor` in `cursorArg`; `most` when more. */
export function countPages(state: unknown, call: PageCall, cursorArg: string, cursor: string, most: number): number {
  const list = keyOf(call, cursorArg)
  const same = (callsBefore(state, call.id) ?? []).filter((each) => keyOf(each, cursorArg) === list).length
  return Math.min(most, Math.max(same, countByCursors(state, cursorArg, cursor, most)))
}

/**
 * A list is a tool with its filters. How long a page is and arguments that say nothing make no other list, for a cursor is
 * good with any of them; and models write the same value as a number and as a text.
 */
function keyOf({ name, args }: PageCall, cursorArg: string): string {
  const filters = Object.entries(args).filter(([arg, value]) => arg !== cursorArg && arg !== 'limit' && !isEmpty(value))
  filters.sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([name, filters.map(([arg, value]) => [arg, typeof value === 'object' ? value : String(value)])])
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** The answer that brought the cursor, the answer that brought the cursor of that call, and so on. */
function countByCursors(state: unknown, cursorArg: string, cursor: string, most: number): number {
  const run = messagesOfRun(state) ?? []
  const answers = run.filter((message) => ToolMessage.isInstance(message))
  const calls = run.flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []))
  let pages = 0
  for (let at: unknown = cursor; pages < most && typeof at === 'string' && at.length >= LEAST_TELLING; pages += 1) {
    const text = at
    const brought = answers.find((answer) => answer.text.includes(text))
    if (!brought) break
    at = calls.find(({ id }) => id === brought.tool_call_id)?.args[cursorArg]
  }
  return pages
}
