/**
 * @module
 * `callTool` for a graph node of your own: a long wait for a rate limit interrupts the graph instead of the process, and the
 * call is made again when the graph is resumed, in this process or another.
 */
import { interrupt } from '@langchain/langgraph'
import { type CallOptions, type CallOutcome, callTool, type McpConn, type ToolRef } from '@quartermaster/client'
import { longWaitIn } from './long-wait.ts'
import { resolveInterrupts } from './resolve-interrupts.ts'

/** How to make the call, and which wait is too long. */
export interface InterruptOnLongWaitOptions extends Omit<CallOptions, 'maxWaitS'> {
  /** A wait longer than this many seconds interrupts the graph at once; a shorter one is waited for. */
  readonly interruptAboveS: number
}

/**
 * Calls a tool. A wait that is too long stops the graph with an `interrupt` of {@link LongWait}, before any of it is waited;
 * once resumed, the node runs again and the call is made again. `recordTools` does the same with its option
 * `interruptAboveS`. Needs a checkpointer.
 *
 * @example
 * ```ts
 * const outcome = await interruptOnLongWait(conn, tool, { limit: '100' }, { account, gate, interruptAboveS: 60 })
 * ```
 */
export function interruptOnLongWait(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  { interruptAboveS, ...options }: InterruptOnLongWaitOptions,
): Promise<CallOutcome> {
  return resolveInterrupts(
    () => callTool(conn, tool, args, { ...options, maxWaitS: interruptAboveS }),
    (outcome) => longWaitIn(outcome, { tool: tool.name, account: options.account }, interruptAboveS),
    (value) => interrupt(value),
  )
}
