/**
 * @module
 * Salesforce's REST API over one tenant's records, as its own clients see it.
 */
import { Hono } from 'hono'
import { salesforceOAuth } from '../authority/salesforce-oauth.ts'
import type { RawRecord, Vendor, VendorEnv } from '../vendor.ts'
import { organizationId, userId } from './record-id.ts'
import { DAILY_WINDOW, refuse } from './refuse.ts'
import { collectionRoutes } from './rest/collection-routes.ts'
import { orgRoutes } from './rest/org-routes.ts'
import { queryRoutes } from './rest/query-routes.ts'
import { searchRoutes } from './rest/search-routes.ts'
import { nothingHere, renderError, session } from './rest/session.ts'
import { sobjectRoutes } from './rest/sobject-routes.ts'
import { findEntity } from './schema/entity.ts'
import { type Org, runningColleague, seed } from './seed.ts'

const DAY_MS = 86_400_000

export const salesforce: Vendor<Org> = {
  id: 'salesforce',
  windows: {
    /** Enterprise Edition without users; each adds 1,000. */
    [DAILY_WINDOW]: { limit: 100_000, windowMs: DAY_MS },
  },
  oauth: salesforceOAuth,
  account(world) {
    const colleague = runningColleague(world)
    const domain = `${world.tenant.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.my.salesforce.com`
    return {
      accountId: organizationId(world.tenant),
      userId: userId(world.tenant, colleague?.key ?? 1),
      userName: colleague?.email ?? '',
      domain,
    }
  },
  seed,
  routes(context, org) {
    const app = new Hono<VendorEnv>({ strict: false })
    app.onError((error) => renderError(error, context))
    app.use(session(context))
    orgRoutes(app, context, org)
    queryRoutes(app, context, org)
    sobjectRoutes(app, context, org)
    collectionRoutes(app, context, org)
    searchRoutes(app, context, org)
    app.all('*', () => {
      throw nothingHere()
    })
    return app
  },
  refusal: refuse,
  isOpen: (method, path) => method === 'GET' && /^\/services\/data\/?$/.test(path),
  bearer(request) {
    const header = /^(?:Bearer|OAuth) +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    const url = new URL(request.url)
    // The identity URL takes the token in the query too.
    return header ?? (url.pathname.startsWith('/id/') ? (url.searchParams.get('oauth_token') ?? undefined) : undefined)
  },
  records(org, type) {
    const entity = findEntity(org.store.schema, type)
    return (
      entity &&
      org.store.rows(entity.name).map((row): RawRecord => {
        const { Id, IsDeleted, ...values } = row
        return { id: String(Id), archived: IsDeleted === true, values: { Id: Id ?? null, ...values } }
      })
    )
  },
}
