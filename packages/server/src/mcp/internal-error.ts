/** @module What the endpoint tells the operator of an error that nobody foresaw. */
import { errorFacts } from '../http/error-facts.ts'
import type { EndpointEvent } from './endpoint-log.ts'

export function internalError(requestId: string, error: unknown): EndpointEvent {
  return { event: 'mcp_internal_error', requestId, ...errorFacts(error) }
}
