/**
 * @module
 * A limit that lasts longer than anybody should wait in memory stops the graph; whoever resumes it, in whatever process,
 * has the call made again.
 */
import { interrupt } from '@langchain/langgraph'
import { type CallOptions, type CallOutcome, callTool, type McpConn, type ToolRef } from '@quartermaster/client'
import { settleQuestions } from './settle-questions.ts'

/** What a parked call tells whoever resumes the graph. Any value resumes it. */
export interface Parked {
  readonly kind: 'rate_limited'
  readonly tool: string
  readonly account: string
  /** Seconds from now until resuming makes sense. */
  readonly retryAfterS: number
}

export interface ParkOptions extends Omit<CallOptions, 'maxWaitS'> {
  /** A wait longer than this many seconds parks the call at once; a shorter one is waited for. */
  readonly parkAboveS: number
}

/**
 * `callTool` for a node of your own. A wait that is too long stops the graph with an `interrupt` of {@link Parked}, before any
 * of it is waited; once resumed, the node runs again and the call is made again. `recordTools` does the same with its option
 * `parkAboveS`. Needs a checkpointer.
 *
 * @example
 * ```ts
 * const outcome = await parkOnLongWait(conn, tool, { limit: '100' }, { account, gate, parkAboveS: 60 })
 * ```
 */
export function parkOnLongWait(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  { parkAboveS, ...options }: ParkOptions,
): Promise<CallOutcome> {
  return settleQuestions(
    () => callTool(conn, tool, args, { ...options, maxWaitS: parkAboveS }),
    (outcome) => parkedAt(outcome, { tool: tool.name, account: options.account }, parkAboveS),
    (question) => interrupt(question),
  )
}

/** The stop to make, when a call has met a reset further away than `aboveS` seconds. */
export function parkedAt(
  outcome: CallOutcome,
  about: Pick<Parked, 'tool' | 'account'>,
  aboveS: number,
): Parked | undefined {
  if (outcome.ok || outcome.error.code !== 'rate_limited') return undefined
  const { retryAfterS } = outcome.error
  if (retryAfterS === undefined || retryAfterS <= aboveS) return undefined
  return { kind: 'rate_limited', ...about, retryAfterS }
}
