/**
 * @module
 * The composition root: every part is made here, once, and handed to the parts that use it. The list of guards that
 * each tool call passes stands here too.
 */
import type { Connector } from '@quartermaster/connectors'
import type { Logger } from 'pino'
import { httpApp } from './app.ts'
import { openAudit } from './audit/open-audit.ts'
import { isPagePath, isSameOriginRequest } from './connect/page-request.ts'
import { errorFacts } from './http/error-facts.ts'
import { metrics } from './http/metrics.ts'
import { readiness } from './http/readiness.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { newRequestId, newSessionId } from './keys/tokens.ts'
import { checkRing } from './maintenance/check-ring.ts'
import { noteSealingKey, reviewQuarantine } from './maintenance/key-rotation.ts'
import { openMaintenanceJobs } from './maintenance-jobs.ts'
import { checkOrigin, loopbackHosts } from './mcp/check-origin.ts'
import { createMcpEndpoint } from './mcp/endpoint.ts'
import type { McpEndpointOptions } from './mcp/endpoint-options.ts'
import { findRevokedStreams } from './mcp/find-revoked-streams.ts'
import { sseSessions } from './mcp/sse-sessions.ts'
import { toolsOverHttp } from './mcp/tools-over-http.ts'
import { type OAuthApp, oauthClient } from './oauth/client.ts'
import type { DangerousVendorBase } from './oauth/endpoints.ts'
import { createUpstream } from './outbound/upstream.ts'
import { accountFields } from './pipeline/account-fields.ts'
import { accountSchemas } from './pipeline/account-schemas.ts'
import { applyAccountSchema } from './pipeline/apply-account-schema.ts'
import { approve } from './pipeline/approve.ts'
import { audit } from './pipeline/audit.ts'
import { authorize } from './pipeline/authorize.ts'
import { compose } from './pipeline/compose.ts'
import { dailyCallLimit } from './pipeline/daily-call-limit.ts'
import { dryRun } from './pipeline/dry-run.ts'
import { idempotency } from './pipeline/idempotency.ts'
import { defaultInboundLimit, type InboundLimit, inboundGate, inboundLimit } from './pipeline/inbound-limit.ts'
import { intent } from './pipeline/intent.ts'
import { previews } from './pipeline/preview.ts'
import { redact } from './pipeline/redact.ts'
import { resolve } from './pipeline/resolve.ts'
import { resolveAccount } from './pipeline/resolve-account.ts'
import { sealedCursors } from './pipeline/sealed-cursors.ts'
import { send } from './pipeline/send.ts'
import { validateInput } from './pipeline/validate-input.ts'
import { validateWriteOptions } from './pipeline/validate-write-options.ts'
import { type Classification, noClassification } from './policy/classification.ts'
import { connectorClassifier } from './policy/classify-connector.ts'
import { pseudonymKeys } from './policy/pseudonym-keys.ts'
import { backgroundTimer } from './quota/account-quota.ts'
import { quotaHolders } from './quota/quota-holder.ts'
import { noQuotaLimiter, quotaLimiter } from './quota/quota-limiter.ts'
import type { Store } from './store/open.ts'
import { type Clock, systemClock } from './time/clock.ts'
import { openRefresh } from './vault/open-refresh.ts'
import type { RefreshEvent } from './vault/refresh-deps.ts'
import { tokenSource } from './vault/token-source.ts'

export interface QuartermasterOptions {
  readonly store: Store
  readonly ring: KeyRing
  readonly catalog: ReadonlyMap<string, Connector>
  /** This installation's OAuth client for a system, when it has one. */
  readonly app: (system: string) => OAuthApp | undefined
  /** Origin that issued URLs start with; asked at every use, because a port may be chosen late. */
  readonly publicUrl: () => string
  /** Host names that requests may be addressed to, besides loopback. */
  readonly allowedHosts?: readonly string[]
  /** Origins of web pages that may call, besides loopback. */
  readonly allowedOrigins?: readonly string[]
  /** Origins that people of a tenant may be sent back to after connecting; none when left out. */
  readonly returnOrigins?: (tenant: string) => readonly string[]
  readonly log: Logger
  readonly clock?: Clock
  readonly random?: () => number
  readonly inbound?: InboundLimit
  /**
   * The budget that all processes on the store share for each account's quotas. `share`: the part of a limit that
   * agents may use, above 0, at most 1; the default 0.9 leaves the rest to the customer's other programs. `false`: none.
   */
  readonly quota?: false | { readonly share?: number }
  /**
   * Sends tokens and data of a system to another base URL, over plain HTTP and to private addresses if it says so.
   * For a sandbox on the same machine; never for customers' data.
   */
  readonly dangerousVendorBase?: DangerousVendorBase
  readonly onRefresh?: (event: RefreshEvent) => void
  /** What the operator says fields hold; asked at every answer, because it may change. Default: nothing is classified. */
  readonly classification?: () => Classification
  /**
   * Refreshes before expiry, delivers notifications and takes back grants of removed accounts, in the background.
   * `false` leaves all of it to other processes on the same store; grants are then refreshed when a call needs them.
   * Default: on, 16 refreshes at once.
   */
  readonly background?: false | { readonly maxRefreshes?: number; readonly maxRefreshesPerSystem?: number }
}

export interface Quartermaster {
  /** The whole HTTP surface. */
  fetch(request: Request): Promise<Response>
  /**
   * Takes up nothing new by itself: no refresh, no notification, no stream. Streams end as soon as they owe no answer;
   * requests are answered as before.
   */
  drain(): void
  /** Finishes the refreshes under way and closes what is open. Stop accepting requests before. */
  close(): Promise<void>
}

/** @throws Error when the key ring does not open the store. */
export async function createQuartermaster(options: QuartermasterOptions): Promise<Quartermaster> {
  const { store, ring, catalog, log } = options
  const clock = options.clock ?? systemClock
  const random = options.random ?? Math.random
  const { now } = clock
  const counted = metrics()
  await checkRing(ring, store)
  await noteSealingKey(store, ring, now())
  const released = await reviewQuarantine(store, ring)
  if (released > 0) log.warn({ accounts: released }, 'quarantine_released')

  const recorded = openAudit({
    store,
    ring,
    now,
    random,
    log,
    onError: (error) => log.error(errorFacts(error), 'audit_failed'),
  })

  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: options.dangerousVendorBase !== undefined })
  const oauth = oauthClient(upstream)
  const { owner } = store
  const refreshDeps = openRefresh({
    store,
    ring,
    oauth,
    catalog,
    app: options.app,
    dangerousVendorBase: options.dangerousVendorBase,
    clock,
    random,
    onEvent(event) {
      const { accountId: account_id, outcome, ms: latency_ms, changed } = event
      counted.refresh(outcome)
      log.info({ account_id, outcome, latency_ms, ...(changed ? { changed } : {}) }, 'token_refresh')
      options.onRefresh?.(event)
      recorded.grantChanged(event)
    },
  })
  const tokens = tokenSource(refreshDeps)
  const background = openMaintenanceJobs({
    store,
    refreshDeps,
    upstream,
    catalog,
    app: options.app,
    ...(options.dangerousVendorBase ? { dangerousVendorBase: options.dangerousVendorBase } : {}),
    log,
    ...options.background,
  })
  if (options.background !== false) background.start()
  const preview = previews(catalog)
  const quota =
    options.quota === false
      ? noQuotaLimiter
      : quotaLimiter({
          store: store.quotaStates,
          catalog,
          holder: quotaHolders({ identity: (id) => store.connections.identity(id), now }),
          now,
          share: options.quota?.share ?? 0.9,
          newId: newRequestId,
          onError: (error) => log.warn(errorFacts(error), 'quota_not_shared'),
          timer: backgroundTimer,
        })
  const pseudonyms = pseudonymKeys(ring, store.meta)
  const classification = options.classification ?? (() => noClassification)

  const limit = options.inbound ?? defaultInboundLimit
  const inbound = inboundGate(limit, now)
  const lists = inboundGate(limit, now, 'lists of tools')
  const limits = { lists, initialize: inboundGate(limit, now, 'introductions') }
  recorded.start()
  const sending = { tokens, upstream, fields: accountFields(now), quota, now }
  const schemas = accountSchemas({
    ...sending,
    classification,
    recordAsked: ({ tenant, id }, by) =>
      recorded.events.note({ event: 'account.fields_asked', tenant, accountId: id, ...by }),
  })
  const callFailed = (requestId: string, error: unknown) =>
    log.error({ requestId, ...errorFacts(error) }, 'call_failed')
  const intents = { log: recorded.log, keys: recorded.keys, now, onError: callFailed }
  const invoke = compose(
    [
      resolveAccount(),
      audit({
        log: recorded.log,
        refusals: recorded.refusals,
        now,
        onCall(facts) {
          counted.call(facts.tool, facts.outcome, facts.latency_ms)
          log.info(facts, 'mcp_tool_call')
        },
        onError: callFailed,
      }),
      inboundLimit(inbound),
      dailyCallLimit(store.urlCalls, now),
      authorize(),
      applyAccountSchema(schemas.apply, intents),
      validateInput(sealedCursors(ring, now)),
      validateWriteOptions(),
      dryRun(preview),
      idempotency({ store: store.idempotencyKeys, ring, now, owner, isDead: store.isDead, classification }),
      approve({ store: store.approvals, ring, preview, now }),
      resolve(pseudonyms),
      redact({ pseudonyms, classification }),
      intent(intents),
    ],
    send(sending),
  )

  const endpoint: McpEndpointOptions = {
    invoke,
    applyAccountSchema: schemas.apply,
    limits,
    serverInfo: { name: 'quartermaster', version: '0.1.0' },
    requestId: newRequestId,
    log: ({ event, ...facts }) => log[event === 'mcp_hello' ? 'info' : 'error'](facts, event),
  }
  const sessions = sseSessions({
    endpoint,
    now,
    random,
    newSessionId,
    findRevoked: findRevokedStreams(store, now),
    onError: (error) => log.error(errorFacts(error), 'streams_not_checked'),
  })

  const fetch = httpApp({
    store,
    events: recorded.events,
    ring,
    catalog,
    classified: connectorClassifier(classification),
    tokens,
    now,
    random,
    log,
    publicUrl: options.publicUrl,
    app: options.app,
    oauth,
    upstream,
    returnOrigins: options.returnOrigins ?? (() => []),
    ...(options.dangerousVendorBase ? { dangerousVendorBase: options.dangerousVendorBase } : {}),
    accountConnector: schemas.connectorFor,
    inbound,
    lists,
    mcp: { endpoint: createMcpEndpoint(endpoint), sessions, tools: toolsOverHttp(endpoint) },
    refuseOrigin(request) {
      const hosts = [...loopbackHosts, ...(options.allowedHosts ?? [])]
      const origins = [...loopbackHosts, ...(options.allowedOrigins ?? [])]
      const ownPage = isPagePath(new URL(request.url).pathname) && isSameOriginRequest(request, options.publicUrl())
      return checkOrigin(request, { hosts, ...(ownPage ? {} : { origins }) })
    },
    ready: readiness(store.checkWritable, now),
    metrics: () => counted.text({ streams: sessions.size() }),
  })

  return {
    fetch,
    drain() {
      sessions.drain()
      background.stop().catch(() => {})
    },
    async close() {
      await Promise.all([background.stop(), sessions.close(), tokens.drain(), quota.close()])
      await recorded.stop()
      await upstream.close()
      await store.close()
    },
  }
}
