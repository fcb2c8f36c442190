/**
 * @module
 * A way to the system that already carries the account's token and the call's deadline.
 */
import type { SendRequest, SendResponse } from '../http/upstream.ts'

/** @throws UpstreamFault when no whole answer came. */
export type Authorized = (request: SendRequest) => Promise<SendResponse>
