/**
 * @module
 * HubSpot: version 3 and the date-versioned API on the same portal, with its quotas and its error bodies.
 */
import { Hono, type MiddlewareHandler } from 'hono'
import { hubspotOAuth } from '../authority/hubspot-oauth.ts'
import type { RawRecord, Vendor, VendorAccount, VendorContext, VendorEnv } from '../vendor.ts'
import { hash } from '../world/random.ts'
import type { World } from '../world/world.ts'
import { associationBatchRoutes, recordAssociationRoutes } from './association-routes.ts'
import { batchRoutes } from './batch-routes.ts'
import { objectRoutes } from './object-routes.ts'
import { findObjectType } from './object-type.ts'
import { dateVersions, type Portal } from './portal.ts'
import { Problem, renderProblem } from './problem.ts'
import { readValue } from './read-value.ts'
import { quotaHeaders, refusal, search, tenSecondly } from './refusal.ts'
import { seedStore } from './seed-store.ts'
import { settingsRoutes } from './settings-routes.ts'
import { definitionsOf, type HubStore, recordsOf } from './store.ts'

/** HubSpot as a vendor of the sandbox. */
export const hubspot: Vendor<HubStore> = {
  id: 'hubspot',
  /** A marketplace app's 110 calls in 10 s for each account, and 5 searches a second. */
  windows: { [tenSecondly]: { limit: 110, windowMs: 10_000 }, [search]: { limit: 5, windowMs: 1000 } },
  oauth: hubspotOAuth,
  account: accountOf,
  seed: seedStore,
  routes,
  refusal,
  records,
}

function accountOf({ tenant, colleagues }: World): VendorAccount {
  const email = colleagues[0]?.email ?? ''
  const accountId = String(10_000_000 + (hash(tenant) % 90_000_000))
  return { accountId, userId: '9001', userName: email, domain: email.slice(email.indexOf('@') + 1) }
}

function routes(context: VendorContext, store: HubStore): Hono<VendorEnv> {
  const portal: Portal = { store, context }
  const app = new Hono<VendorEnv>({ strict: false }).onError((error) => {
    if (error instanceof Problem) return renderProblem(error)
    throw error
  })
  app.use(takeQuota(context))
  for (const version of ['v3', 'v4']) {
    app.route(`/crm/${version}/objects`, recordAssociationRoutes(portal))
    app.route(`/crm/${version}/associations`, associationBatchRoutes(portal))
  }
  for (const version of dateVersions) app.route(`/crm/associations/${version}`, associationBatchRoutes(portal))
  for (const prefix of ['/crm/v3/objects', ...dateVersions.map((version) => `/crm/objects/${version}`)]) {
    app.route(prefix, batchRoutes(portal))
    app.route(prefix, objectRoutes(portal))
    if (prefix !== '/crm/v3/objects') app.route(prefix, recordAssociationRoutes(portal))
  }
  return app.route('/', settingsRoutes(portal)).all('*', (c) => c.html(unknownPage, 404))
}

const unknownPage = '<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404</h2></body></html>'

/** Searches have a bucket of their own, and tell nothing about it. */
function takeQuota(context: VendorContext): MiddlewareHandler<VendorEnv> {
  return async (c, next) => {
    const window = c.req.method === 'POST' && /\/search\/?$/.test(c.req.path) ? search : tenSecondly
    if (!context.windows.take(window).ok) return context.refuse({ kind: 'rate_limit', window })
    await next()
    if (window === search) return undefined
    for (const [name, value] of Object.entries(quotaHeaders(context))) c.header(name, value)
    return undefined
  }
}

function records(store: HubStore, name: string): RawRecord[] | undefined {
  const type = findObjectType(name)
  if (!type) return undefined
  return [...recordsOf(store, type).values()].map((record) => ({
    id: record.id,
    archived: record.archivedAt !== undefined,
    values: Object.fromEntries(
      definitionsOf(store, type).map((each) => [each.name, readValue(store, type, record, each.name)]),
    ),
  }))
}
