/**
 * @module
 * What a server does without being asked, as one thing to start and to stop: it refreshes grants ahead of their expiry,
 * delivers notifications, takes back grants of removed accounts and forgets what can no longer come again.
 */

import type { Connector } from '@quartermaster/connectors'
import type { Logger } from 'pino'
import { grantRevoker } from './accounts/grant-revoker.ts'
import { errorFacts } from './http/error-facts.ts'
import { forgetOld } from './maintenance/forget-old.ts'
import { notifier } from './notify/notifier.ts'
import type { OAuthApp } from './oauth/client.ts'
import type { DangerousVendorBase } from './oauth/endpoints.ts'
import type { Upstream } from './outbound/upstream.ts'
import type { Store } from './store/open.ts'
import { circuitOf, type RefreshDeps } from './vault/refresh-deps.ts'
import { refreshScheduler } from './vault/scheduler.ts'

export interface MaintenanceJobsDeps {
  readonly store: Store
  readonly refreshDeps: RefreshDeps
  readonly upstream: Upstream
  readonly catalog: ReadonlyMap<string, Connector>
  readonly app: (system: string) => OAuthApp | undefined
  readonly dangerousVendorBase?: DangerousVendorBase
  readonly log: Logger
  /** Refreshes at once; default 16, and 8 at a system. */
  readonly maxRefreshes?: number
  readonly maxRefreshesPerSystem?: number
}

export interface MaintenanceJobs {
  start(): void
  /** Begins nothing new. Resolves when nothing is under way. */
  stop(): Promise<void>
}

export function openMaintenanceJobs(deps: MaintenanceJobsDeps): MaintenanceJobs {
  const { store, refreshDeps, upstream, catalog, app, log } = deps
  const { clock, random, owner, ring, oauth } = refreshDeps
  const { now } = clock
  const failed = (event: string) => (error: unknown) => log.error(errorFacts(error), event)
  const failedFor = (event: string) => (account_id: string | undefined, error: unknown) =>
    log.error({ ...errorFacts(error), account_id }, event)

  const works = [
    refreshScheduler({
      deps: refreshDeps,
      systems: () =>
        [...catalog.keys()].flatMap((system) => {
          const client = app(system)
          return client ? [{ system, circuit: circuitOf({ system }, client) }] : []
        }),
      ...(deps.maxRefreshes === undefined ? {} : { maxInFlight: deps.maxRefreshes }),
      ...(deps.maxRefreshesPerSystem === undefined ? {} : { maxPerSystem: deps.maxRefreshesPerSystem }),
      onError: failedFor('refresh_failed'),
    }),
    notifier({
      outbox: store.outbox,
      endpoints: store.endpoints,
      ring,
      upstream,
      now,
      random,
      owner,
      onDelivery: ({ eventId: event_id, endpointId: endpoint_id, attempt, outcome }) =>
        log.info({ event_id, endpoint_id, attempt, outcome }, 'notification'),
      onError: failed('notification_failed'),
    }),
    grantRevoker({
      revocations: store.revocations,
      ring,
      oauth,
      catalog,
      app,
      ...(deps.dangerousVendorBase ? { dangerousVendorBase: deps.dangerousVendorBase } : {}),
      now,
      random,
      owner,
      onAttempt: ({ accountId: account_id, system, attempt, end = 'again', note }) =>
        log.info({ account_id, system, attempt, outcome: end, note }, 'grant_revocation'),
      onError: failedFor('grant_revocation_failed'),
    }),
    forgetOld({
      store,
      now,
      random,
      onError: failed('forgetting_failed'),
    }),
  ]
  return {
    start() {
      for (const work of works) work.start()
    },
    async stop() {
      await Promise.all(works.map((work) => work.stop()))
    },
  }
}
