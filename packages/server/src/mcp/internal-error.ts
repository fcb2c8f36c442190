/**
 * @module
 * A thrown error as an event for the operator: where it happened and what kind it is, without its message, because
 * messages quote tokens and customers.
 */
import type { EndpointEvent } from './log.ts'

const MAX_FRAMES = 8
const frame = /^\s+at (.{1,300})$/

/** Describes `error`, whatever was thrown. */
export function internalError(requestId: string, error: unknown): EndpointEvent {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const lines = stack.split('\n').slice(-50)
  const frames = lines.flatMap((line) => frame.exec(line)?.[1] ?? []).slice(0, MAX_FRAMES)
  const errorName = error instanceof Error ? error.constructor.name : typeof error
  return { event: 'mcp_internal_error', requestId, errorName, frames }
}
