/**
 * @module
 * One tool call with retries: through the account's gate, with a time limit per attempt, repeated as the policy allows.
 * It never throws for what servers and networks do; every end is a value.
 */
import type { Envelope, RateLimitMeta } from '@quartermaster/protocol'
import type { CallError } from './call-error.ts'
import type { CallEvent } from './call-event.ts'
import type { CallPolicy } from './call-policy.ts'
import { type Clock, systemClock } from './clock.ts'
import type { McpConn, ToolRef } from './mcp-conn.ts'
import type { RateGate } from './rate-gate.ts'
import { readResult } from './read-result.ts'
import { sendOnce } from './send-once.ts'
import { withRetry } from './with-retry.ts'

export interface CallOptions {
  /** The connected account whose limits the call counts against; any stable name will do. */
  readonly account: string
  readonly gate: RateGate
  readonly policy?: Partial<CallPolicy>
  /** Seconds; a longer wait ends this call at once with `rate_limited` and `retryAfterS`, and no other. */
  readonly maxWaitS?: number
  /** Ends the call and every wait of it. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: CallEvent) => void
  /** Sent with a write, so that the server can tell a repeat from a second write. */
  readonly idempotencyKey?: string
  /** The handle of an approval that a person has given for exactly this call. */
  readonly approval?: string
  readonly clock?: Clock
  readonly random?: () => number
}

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

/**
 * Calls a tool.
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
  args: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<CallOutcome> {
  const { clock = systemClock } = options
  const repeatable = tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true
  const done = await withRetry(
    ({ timeoutMs }) => sendOnce(conn, tool, args, { ...options, clock, timeoutMs, repeatable }, readResult),
    { ...options, tool: tool.name, repeatable },
  )
  if (!done.ok) return done
  const { answer, attempts, ms } = done
  return { ...answer, attempts, ms }
}
