/**
 * @module
 * What the admin routes work with.
 */
import type { Connector } from '@quartermaster/connectors'
import type { EventRecorder } from '../audit/event.ts'
import type { InboundGate } from '../pipeline/inbound-limit.ts'
import type { Shaper } from '../pipeline/shape.ts'
import type { ClassifiedConnector } from '../policy/classify-connector.ts'
import type { Store } from '../store/open.ts'
import type { TokenSource } from '../vault/token-source.ts'
import type { ConnectDeps } from './connect-account.ts'

export interface AdminDeps extends Omit<ConnectDeps, 'store'> {
  readonly store: Store
  readonly catalog: ReadonlyMap<string, Connector>
  readonly classified: ClassifiedConnector
  readonly tokens: TokenSource
  /** What is done here is recorded before it is done. */
  readonly events: EventRecorder
  /** A connector as an account has it, as far as these tools need. */
  readonly shapedConnector: Shaper['connectorFor']
  /** How fast lists of tools may be asked for. */
  readonly lists: InboundGate
  /** Origin that issued URLs start with. */
  readonly publicUrl: () => string
}
