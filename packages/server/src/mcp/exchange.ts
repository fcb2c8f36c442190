/**
 * @module
 * What one HTTP request and its tool call share.
 */
import type { Access } from '../pipeline/call.ts'

export interface Exchange {
  readonly access: Access
  readonly requestId: string
  /** The call's arguments as they stood in the body, whatever they are. */
  readonly args: unknown
  /** The request's own headers. */
  readonly asked: Headers
  /** Filled by the call; put on the response when that has not begun yet. */
  readonly headers: Headers
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal
}
