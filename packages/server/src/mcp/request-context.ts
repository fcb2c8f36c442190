/**
 * @module
 * What one HTTP request and the tool call in it share.
 */
import type { Access } from '../pipeline/call.ts'

export interface RequestContext {
  readonly access: Access
  readonly requestId: string
  /** The call's arguments as they stood in the body, whatever they are. */
  readonly args: unknown
  /** The request's own headers. */
  readonly requestHeaders: Headers
  /** Filled by the call; put on the response when that has not begun yet. */
  readonly responseHeaders: Headers
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal
}
