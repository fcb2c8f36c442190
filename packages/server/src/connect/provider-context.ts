/**
 * @module
 * The authorization server of a system as this installation uses it: endpoints, client and redirect URI.
 */
import type { Connector } from '@quartermaster/connectors'
import type { OAuthApp } from '../oauth/client.ts'
import { type AuthorityEndpoints, authorityEndpoints } from '../oauth/endpoints.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'

export interface ProviderContext {
  readonly connector: Connector
  readonly app: OAuthApp
  readonly endpoints: AuthorityEndpoints
  /** Each system has its own, so that an answer of one can never be taken for another's (RFC 9700 §4.4.2.2). */
  readonly redirectUri: string
}

/** Undefined when there is no such system, or no client for it. */
export function providerContext(deps: ConnectFlowDeps, tenant: string, system: string): ProviderContext | undefined {
  const connector = deps.catalog.get(system)
  const app = deps.app(system)
  if (!connector || !app) return undefined
  return {
    connector,
    app,
    endpoints: authorityEndpoints(connector, deps.dangerousVendorBase?.(tenant, system)),
    redirectUri: `${deps.publicUrl()}/oauth/callback/${system}`,
  }
}
