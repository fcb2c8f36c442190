/**
 * @module
 * One tool call: through the account's gate, with a time limit per attempt, repeated as the policy allows. It never throws
 * for what servers and networks do; every end is a value.
 */
import type { Envelope, RateLimitMeta } from '@quartermaster/protocol'
import type { CallError } from './call-error.ts'
import type { McpConn, McpResult, ToolRef } from './mcp-conn.ts'
import { readResult } from './read-result.ts'
import { readThirdPartyResult } from './read-third-party-result.ts'
import { sendOnce } from './send-once.ts'
import { systemClock } from './time/clock.ts'
import { type AttemptResult, type RetryOptions, type RetryOutcome, withRetry } from './with-retry.ts'

/** How to make one tool call. */
export interface CallOptions extends Omit<RetryOptions, 'tool' | 'repeatable'> {
  /** Sent with a write, so that the server can tell a repeat from a second write. */
  readonly idempotencyKey?: string
  /** The handle of an approval that a person has given for exactly this call. */
  readonly approval?: string
}

/** How a call of {@link callTool} ended. */
export type CallOutcome =
  | {
      readonly ok: true
      /** The text block, as received: compact JSON. */
      readonly text: string
      readonly envelope: Envelope
      readonly quota?: RateLimitMeta
      readonly attempts: number
      /** Milliseconds in all, waits included. */
      readonly ms: number
    }
  | { readonly ok: false; readonly error: CallError; readonly ms: number }

/** How a call of {@link callThirdPartyTool} ended. */
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

type Args = Readonly<Record<string, unknown>>

/**
 * Calls a tool of a Quartermaster server.
 *
 * A rate limit closes the account's gate for everybody and is retried, even for a write, because a refused request did
 * not happen. A timeout or a lost connection is retried for reads and idempotent tools only.
 *
 * @example
 * ```ts
 * const found = await callTool(conn, tool, { limit: '100' }, { account, gate })
 * if (found.ok) console.log(found.envelope.result)
 * else console.warn(found.error.code, found.error.advice)
 * ```
 */
export async function callTool(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Args,
  options: CallOptions,
): Promise<CallOutcome> {
  const outcome = await sendWithRetry(conn, tool, args, options, readResult)
  if (!outcome.ok) return outcome
  const { answer, attempts, ms } = outcome
  return { ...answer, attempts, ms }
}

/**
 * Calls a tool of any MCP server, as {@link callTool} does with those of ours. A success is handed on unread; in a failure that
 * is text only, a rate limit is recognized by its words.
 */
export async function callThirdPartyTool(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Args,
  options: Omit<CallOptions, 'idempotencyKey' | 'approval'>,
): Promise<ThirdPartyOutcome> {
  const outcome = await sendWithRetry(conn, tool, args, options, readThirdPartyResult)
  if (!outcome.ok) return outcome
  const { answer, attempts, ms } = outcome
  return { ok: true, result: answer.result, attempts, ms }
}

function sendWithRetry<A extends object>(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Args,
  options: CallOptions,
  read: (result: McpResult) => AttemptResult<A>,
): Promise<RetryOutcome<A>> {
  const { clock = systemClock } = options
  const repeatable = tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true
  return withRetry(({ timeoutMs }) => sendOnce(conn, tool, args, { ...options, clock, timeoutMs, repeatable }, read), {
    ...options,
    tool: tool.name,
    repeatable,
  })
}
