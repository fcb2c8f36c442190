/**
 * @module
 * One vendor for one tenant: its records, its authority, its quotas and faults, joined into one fetch handler.
 */
import { Hono, type MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { createAuthority } from './authority/authority.ts'
import type { RegisteredClient } from './authority/client-registry.ts'
import { oauthRoutes } from './authority/oauth-routes.ts'
import { type Counting, createCounting } from './control/counters.ts'
import { createFaultPlan } from './control/fault-plan.ts'
import { playFaults } from './control/play-faults.ts'
import { createRollingWindows } from './control/rolling-windows.ts'
import type { ControlledVendor } from './control/vendor-control.ts'
import type { Refusal, Vendor, VendorAccount, VendorContext, VendorEnv } from './vendor.ts'
import type { World } from './world/world.ts'

/** A vendor at work for one tenant. */
export interface Mount extends ControlledVendor {
  readonly account: VendorAccount
  /** Answers a request whose URL begins after `/<tenant>/<vendor>`. */
  fetch(request: Request): Promise<Response>
}

/** What a mounted vendor is given. */
export interface MountDeps {
  readonly world: World
  readonly clients: readonly RegisteredClient[]
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly randomHex: (bytes: number) => string
  readonly baseUrl: () => string
}

/** Seeds the vendor's records and puts the shared machinery around its routes. */
export function mountVendor(vendor: Vendor, deps: MountDeps): Mount {
  const { world, clients, now, sleep, randomHex, baseUrl } = deps
  const counting = createCounting()
  const faults = createFaultPlan()
  const windows = createRollingWindows(vendor.windows, now)
  const account = vendor.account(world)
  const data = vendor.seed(world)
  const onReuse = () => counting.refreshTokenReuse()
  const authority = createAuthority({ oauth: vendor.oauth, account, clients, now, randomHex, onReuse })

  const refuse = (refusal: Refusal): Response => {
    if (refusal.kind === 'rate_limit' || refusal.kind === 'daily_limit') counting.rateLimited()
    return vendor.refusal(refusal, context)
  }
  const context: VendorContext = {
    tenant: world.tenant,
    now,
    get baseUrl() {
      return baseUrl()
    },
    tokens: authority.tokens,
    windows,
    account,
    refuse,
  }

  const api = vendor.routes(context, data)
  const onTokenCall = (grantType: string) => counting.tokenCall(grantType)
  const oauth = oauthRoutes({ vendor: vendor.id, oauth: vendor.oauth, account, authority, now, baseUrl, onTokenCall })
  const player = { plan: faults, refuse, sleep }
  const app = new Hono<VendorEnv>({ strict: false })
    .use(count(counting))
    .use(playFaults(player, true))
    .route('/', oauth)
    .use(playFaults(player, false))
    .use(checkToken(vendor, context))
    .route('/', api)
    .onError((error) => {
      throw error
    })

  const fetch = async (request: Request) => app.fetch(request, { grant: undefined })
  return { vendor, data, account, authority, counting, faults, windows, fetch }
}

function count(counting: Counting): MiddlewareHandler<VendorEnv> {
  let running = 0
  return async (c, next) => {
    const template = matchedRoutes(c).findLast((route) => route.method !== 'ALL')?.path ?? '(unknown)'
    counting.request(`${c.req.method} ${withoutPatterns(template)}`)
    counting.concurrency(++running)
    try {
      await next()
      counting.response(c.res.status)
    } finally {
      running -= 1
    }
  }
}

/** `/data/:version{v[0-9]+}/query` reads as `/data/:version/query`. */
function withoutPatterns(template: string): string {
  return template.replace(/(:\w+)\{[^/]*\}/g, '$1')
}

function checkToken(vendor: Vendor, context: VendorContext): MiddlewareHandler<VendorEnv> {
  return async (c, next) => {
    if (!vendor.isOpen?.(c.req.method, c.req.path)) {
      const accessToken = vendor.bearer ? vendor.bearer(c.req.raw) : bearerOf(c.req.raw)
      if (!accessToken) return context.refuse({ kind: 'unauthorized', state: 'missing', expiresAt: 0 })
      const { state, scopes, expiresAt } = context.tokens.inspect(accessToken)
      if (state !== 'valid') return context.refuse({ kind: 'unauthorized', state, expiresAt })
      c.env.grant = { accessToken, scopes }
    }
    await next()
    return undefined
  }
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}
