/**
 * @module
 * The events that the endpoint logs. None holds arguments, results, tokens or the text of an error.
 */
import { errorFacts } from '../http/error-facts.ts'

export type EndpointEvent =
  | {
      readonly event: 'mcp_internal_error'
      readonly requestId: string
      /** The class of what was thrown. */
      readonly errorName: string
      /** Stack frames without the message. */
      readonly frames: readonly string[]
    }
  | {
      /** A client introduced itself. */
      readonly event: 'mcp_hello'
      readonly serverId: string
      /** As the client calls itself, cleaned and cut. */
      readonly client: string
      /** The revision it asked for. */
      readonly protocolVersion: string
    }

export type EndpointLog = (event: EndpointEvent) => void

/** The event of an unexpected error. */
export function internalError(requestId: string, error: unknown): EndpointEvent {
  return { event: 'mcp_internal_error', requestId, ...errorFacts(error) }
}
