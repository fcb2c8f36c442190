/**
 * @module
 * What the admin routes work with.
 */
import type { ConnectFlowDeps } from '../connect/connect-flow-deps.ts'
import type { AccountSchemas } from '../pipeline/account-schemas.ts'
import type { InboundGate } from '../pipeline/inbound-limit.ts'
import type { ClassifiedConnector } from '../policy/classify-connector.ts'

export interface AdminDeps extends ConnectFlowDeps {
  readonly classified: ClassifiedConnector
  /** A connector as an account has it, as far as these tools need. */
  readonly accountConnector: AccountSchemas['connectorFor']
  /** How fast lists of tools may be asked for. */
  readonly lists: InboundGate
}
