/**
 * @module
 * What connecting works with.
 */
import type { Connector } from '@quartermaster/connectors'
import type { Logger } from 'pino'
import type { AdminDeps } from '../accounts/admin-deps.ts'
import type { OAuthApp, OAuthClient } from '../oauth/client.ts'
import { type AuthorityEndpoints, authorityEndpoints } from '../oauth/endpoints.ts'
import type { Upstream } from '../outbound/upstream.ts'

export interface FlowParts extends AdminDeps {
  readonly app: (system: string) => OAuthApp | undefined
  readonly oauth: OAuthClient
  readonly upstream: Upstream
  /** Origins that a tenant's people may be sent back to; exact. */
  readonly returnOrigins: (tenant: string) => readonly string[]
  readonly log: Logger
}

/** The system a session is about, with this installation's client there. */
export interface ProviderContext {
  readonly connector: Connector
  readonly app: OAuthApp
  readonly endpoints: AuthorityEndpoints
  /** Each system has its own, so that an answer of one can never be taken for another's (RFC 9700 §4.4.2.2). */
  readonly redirectUri: string
}

/** Undefined when there is no such system, or no client for it. */
export function providerContext(parts: FlowParts, tenant: string, system: string): ProviderContext | undefined {
  const connector = parts.catalog.get(system)
  const app = parts.app(system)
  if (!connector || !app) return undefined
  return {
    connector,
    app,
    endpoints: authorityEndpoints(connector, parts.dangerousVendorBase?.(tenant, system)),
    redirectUri: `${parts.publicUrl()}/oauth/callback/${system}`,
  }
}
