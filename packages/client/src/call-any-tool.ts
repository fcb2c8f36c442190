/**
 * @module
 * One tool call with patience, to a server that need not be ours.
 */
import type { CallError } from './call-error.ts'
import type { CallOptions } from './call-tool.ts'
import { systemClock } from './clock.ts'
import type { McpConn, McpResult, ToolRef } from './mcp-conn.ts'
import { readForeign } from './read-foreign.ts'
import { sendOnce } from './send-once.ts'
import { withPatience } from './with-patience.ts'

export type AnyOutcome =
  | {
      readonly ok: true
      /** As received: every block, and whatever else is in it. */
      readonly result: McpResult
      readonly attempts: number
      /** Milliseconds in all, waits included. */
      readonly ms: number
    }
  | { readonly ok: false; readonly error: CallError; readonly ms: number }

/**
 * Calls a tool of any MCP server, as {@link callTool} does with those of ours. A success is not looked into; in a failure that
 * is only words, a rate limit is found by its words.
 */
export async function callAnyTool(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  options: Omit<CallOptions, 'idempotencyKey' | 'approval'>,
): Promise<AnyOutcome> {
  const { clock = systemClock } = options
  const repeatable = tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true
  const done = await withPatience(
    ({ timeoutMs }) => sendOnce(conn, tool, args, { ...options, clock, timeoutMs, repeatable }, readForeign),
    { ...options, tool: tool.name, repeatable },
  )
  return done.ok ? { ok: true, result: done.answer.result, attempts: done.attempts, ms: done.ms } : done
}
