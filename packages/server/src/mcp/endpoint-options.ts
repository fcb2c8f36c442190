/**
 * @module
 * What every transport of MCP works with: how a tool is called, and what surrounds the call.
 */
import type { ApplyAccountSchema } from '../pipeline/account-schemas.ts'
import type { Invoke } from '../pipeline/call.ts'
import type { EndpointLog } from './endpoint-log.ts'
import type { RequestLimits } from './limit-requests.ts'

export interface McpEndpointOptions {
  readonly invoke: Invoke
  /** Applies the schemas of the accounts to a list of tools; the list stays as it is when left out. */
  readonly applyAccountSchema?: ApplyAccountSchema
  /** The limits of requests that are no calls; none when left out. */
  readonly limits?: RequestLimits
  readonly serverInfo: { readonly name: string; readonly version: string }
  /** A fresh `req_…` id for each call. */
  readonly requestId: () => string
  readonly log?: EndpointLog
}
