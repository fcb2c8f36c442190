/**
 * @module
 * Builds the dependencies of a refresh: the authority of each system, the circuit breaker and the event log.
 */
import type { Connector } from '@quartermaster/connectors'
import type { KeyRing } from '../keys/key-ring.ts'
import type { OAuthApp, OAuthClient } from '../oauth/client.ts'
import { apiBase, authorityEndpoints, type DangerousVendorBase } from '../oauth/endpoints.ts'
import type { Store } from '../store/open.ts'
import type { Clock } from '../time/clock.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import type { RefreshDeps, RefreshEvent } from './refresh-deps.ts'

export interface OpenRefreshOptions {
  readonly store: Store
  readonly ring: KeyRing
  readonly oauth: OAuthClient
  readonly catalog: ReadonlyMap<string, Connector>
  readonly app: (system: string) => OAuthApp | undefined
  readonly dangerousVendorBase?: DangerousVendorBase | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly onEvent: (event: RefreshEvent) => void
}

export function openRefresh(options: OpenRefreshOptions): RefreshDeps {
  const { store, ring, oauth, catalog, clock, random, onEvent } = options
  return {
    store: store.accounts,
    refreshes: store.refreshes,
    ring,
    oauth,
    authority(account) {
      const connector = catalog.get(account.system)
      if (!connector) return undefined
      const base = options.dangerousVendorBase?.(account.tenant, account.system)
      return {
        auth: connector.auth,
        endpoints: authorityEndpoints(connector, base),
        app: options.app(account.system),
        apiBase: (kept) => apiBase(connector, base, kept),
        graceMs: (connector.auth.refreshGraceS ?? 0) * 1_000,
      }
    },
    breaker: circuitBreaker(),
    clock,
    random,
    owner: store.owner,
    isDead: store.isDead,
    onEvent,
  }
}
