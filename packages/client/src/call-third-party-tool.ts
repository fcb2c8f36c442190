/**
 * @module
 * One tool call with retries, to an MCP server of anybody.
 */
import type { CallError } from './call-error.ts'
import type { CallOptions } from './call-tool.ts'
import { systemClock } from './clock.ts'
import type { McpConn, McpResult, ToolRef } from './mcp-conn.ts'
import { readThirdPartyResult } from './read-third-party-result.ts'
import { sendOnce } from './send-once.ts'
import { withRetry } from './with-retry.ts'

export type ThirdPartyOutcome =
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
export async function callThirdPartyTool(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  options: Omit<CallOptions, 'idempotencyKey' | 'approval'>,
): Promise<ThirdPartyOutcome> {
  const { clock = systemClock } = options
  const repeatable = tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true
  const done = await withRetry(
    ({ timeoutMs }) => sendOnce(conn, tool, args, { ...options, clock, timeoutMs, repeatable }, readThirdPartyResult),
    { ...options, tool: tool.name, repeatable },
  )
  return done.ok ? { ok: true, result: done.answer.result, attempts: done.attempts, ms: done.ms } : done
}
