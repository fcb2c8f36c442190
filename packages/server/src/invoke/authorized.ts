/**
 * @module
 * A way to the system that already carries the account's token and the call's deadline.
 */
import type { UpstreamRequest, UpstreamResponse } from '@quartermaster/connectors'

/** @throws UpstreamFault when no whole answer came. */
export type Authorized = (request: UpstreamRequest) => Promise<UpstreamResponse>
