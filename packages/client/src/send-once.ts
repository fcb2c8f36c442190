/**
 * @module
 * One attempt at a tool call: one request, one deadline, one answer or fault.
 */
import { APPROVAL_META, IDEMPOTENCY_KEY_META, WANT_META } from '@quartermaster/protocol'
import type { Clock } from './clock.ts'
import type { McpConn, ToolRef } from './mcp-conn.ts'
import { readException } from './read-exception.ts'
import { type Answer, readResult } from './read-result.ts'

export interface SendOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly repeatable: boolean
  readonly signal?: AbortSignal
  readonly idempotencyKey?: string
  /** The handle of an approval that a person has given. */
  readonly approval?: string
}

/** Sends the request and reads whatever comes of it. The request is abandoned at the deadline, answered or not. */
export async function sendOnce(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  options: SendOptions,
): Promise<Answer> {
  const { clock, timeoutMs, repeatable, signal, idempotencyKey, approval } = options
  const request = {
    name: tool.name,
    arguments: args,
    _meta: {
      [WANT_META]: ['ratelimit'],
      ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_KEY_META]: idempotencyKey }),
      ...(approval === undefined ? {} : { [APPROVAL_META]: approval }),
    },
  }
  const ended = new AbortController()
  const abandon = new AbortController()
  let timedOut = false
  const cut = new Promise<never>((_, reject) => {
    const stop = () => {
      const reason = new DOMException('Cannot wait longer for the answer: the attempt is over', 'AbortError')
      reject(reason)
      abandon.abort(reason)
    }
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true, signal: ended.signal })
    clock.sleep(timeoutMs, ended.signal).then(
      () => {
        timedOut = true
        stop()
      },
      () => undefined,
    )
  })
  try {
    // The transport's own limit stands behind the deadline, in case a connection ignores the signal.
    const sent = conn.callTool(request, { signal: abandon.signal, timeoutMs: timeoutMs * 2 })
    return readResult(await Promise.race([sent, cut]))
  } catch (error) {
    return { ok: false, fault: readException(error, { timedOut, cancelled: signal?.aborted === true, repeatable }) }
  } finally {
    ended.abort()
  }
}
