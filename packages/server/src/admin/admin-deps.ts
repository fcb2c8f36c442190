/**
 * @module
 * What the admin routes work with.
 */
import type { ConnectFlowDeps } from '../connect/connect-flow-deps.ts'
import type { InboundGate } from '../pipeline/inbound-limit.ts'
import type { Shaper } from '../pipeline/shape.ts'
import type { ClassifiedConnector } from '../policy/classify-connector.ts'

export interface AdminDeps extends ConnectFlowDeps {
  readonly classified: ClassifiedConnector
  /** A connector as an account has it, as far as these tools need. */
  readonly shapedConnector: Shaper['connectorFor']
  /** How fast lists of tools may be asked for. */
  readonly lists: InboundGate
}
