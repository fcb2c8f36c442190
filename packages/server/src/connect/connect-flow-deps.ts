/**
 * @module
 * What the connect flow works with.
 */
import type { Connector } from '@quartermaster/connectors'
import type { Logger } from 'pino'
import type { ConnectDeps } from '../accounts/connect-account.ts'
import type { EventRecorder } from '../audit/event.ts'
import type { OAuthApp, OAuthClient } from '../oauth/client.ts'
import type { Upstream } from '../outbound/upstream.ts'
import type { Store } from '../store/open.ts'
import type { TokenSource } from '../vault/token-source.ts'

export interface ConnectFlowDeps extends Omit<ConnectDeps, 'store'> {
  readonly store: Store
  readonly catalog: ReadonlyMap<string, Connector>
  readonly tokens: TokenSource
  /** What is done here is recorded before it is done. */
  readonly events: EventRecorder
  readonly app: (system: string) => OAuthApp | undefined
  readonly oauth: OAuthClient
  readonly upstream: Upstream
  /** Origin that connect links, redirect URIs and issued URLs start with. */
  readonly publicUrl: () => string
  /** Origins that a tenant's people may be sent back to; exact. */
  readonly returnOrigins: (tenant: string) => readonly string[]
  readonly log: Logger
}
