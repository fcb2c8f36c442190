/**
 * @module
 * One attempt at a tool call: one request, one deadline, one answer or fault.
 */
import { APPROVAL_META, IDEMPOTENCY_KEY_META, WANT_META } from '@quartermaster/protocol'
import type { McpConn, McpResult, ToolRef } from './mcp-conn.ts'
import { readException } from './read-exception.ts'
import { type DeadlineOptions, deadline } from './time/deadline.ts'
import type { AttemptResult } from './with-retry.ts'

export interface SendOptions extends DeadlineOptions {
  /** Milliseconds. */
  readonly timeoutMs: number
  readonly repeatable: boolean
  readonly idempotencyKey?: string
  /** The handle of an approval that a person has given. */
  readonly approval?: string
}

/**
 * Sends the request, and has `read` make an answer of the result. The request is abandoned at the deadline, answered or
 * not.
 */
export async function sendOnce<A extends object>(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  options: SendOptions,
  read: (result: McpResult) => AttemptResult<A>,
): Promise<AttemptResult<A>> {
  const { timeoutMs, idempotencyKey, approval } = options
  const request = {
    name: tool.name,
    arguments: args,
    _meta: {
      [WANT_META]: ['ratelimit'],
      ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_KEY_META]: idempotencyKey }),
      ...(approval === undefined ? {} : { [APPROVAL_META]: approval }),
    },
  }
  try {
    return await deadline(
      // The transport's own limit stands behind the deadline, in case a connection ignores the signal.
      async (signal) => read(await conn.callTool(request, { signal, timeoutMs: timeoutMs * 2 })),
      timeoutMs,
      options,
    )
  } catch (error) {
    return { ok: false, fault: readException(error, options) }
  }
}
