/**
 * @module
 * What every faked vendor is made of. A vendor is a fetch handler over one tenant's data; faults, counters, quotas and
 * tokens are shared machinery that it is given.
 */
import type { Hono } from 'hono'
import type { VendorAccount } from './vendor-account.ts'
import type { VendorOAuth } from './vendor-oauth.ts'
import type { World } from './world/world.ts'

export type { VendorAccount } from './vendor-account.ts'
export type { VendorOAuth } from './vendor-oauth.ts'

/** The parts of the sandbox that a vendor works with, for one tenant. */
export interface VendorContext {
  readonly tenant: string
  /** Epoch milliseconds; the sandbox's own clock, which tests may set. */
  readonly now: () => number
  /**
   * The vendor's absolute base URL as clients see it, with the path prefix, no trailing slash. Read it while answering:
   * the port may not be known when `routes` is called.
   */
  readonly baseUrl: string
  readonly tokens: TokenBook
  readonly windows: QuotaWindows
  /** Who the vendor says has connected; made by {@link Vendor.account}. */
  readonly account: VendorAccount
  /** Renders a refusal with {@link Vendor.refusal} and counts it when it is about quota. Routes refuse through this. */
  refuse(refusal: Refusal): Response
}

/** Access tokens that the tenant's authority has issued. */
export interface TokenBook {
  /** What a Bearer token is worth now. Times are epoch milliseconds. */
  inspect(accessToken: string): { state: 'valid' | 'expired' | 'unknown'; scopes: readonly string[]; expiresAt: number }
}

/** Sizes of the vendor's quota windows; the control API may change them while the sandbox runs. */
export interface QuotaWindows {
  get(name: string): { limit: number; windowMs: number }
  /** Takes one unit now; `false` when the window is full. Also returns what is left and when it frees up. */
  take(name: string): { ok: boolean; limit: number; remaining: number; resetMs: number }
  /** The same without taking. */
  peek(name: string): { limit: number; remaining: number; resetMs: number }
}

/** Why the sandbox does not answer a call; each vendor has its own words for it. */
export type Refusal =
  /** A quota window is full, or a fault says so. `window` is a name of {@link Vendor.windows}. */
  | { readonly kind: 'rate_limit'; readonly window?: string; readonly retryAfterS?: number }
  | { readonly kind: 'daily_limit' }
  | {
      readonly kind: 'unauthorized'
      readonly state: 'missing' | 'unknown' | 'expired'
      /** Epoch milliseconds; 0 when the token was never known. */
      readonly expiresAt: number
    }
  /** 5xx in the vendor's own body. */
  | { readonly kind: 'server_error'; readonly status: number }

/** Put into hono's bindings for every call that reaches the routes: read it as `c.env.grant`. */
export interface VendorEnv {
  Bindings: {
    /** `undefined` only on a path that {@link Vendor.isOpen} opened. */
    grant: { readonly accessToken: string; readonly scopes: readonly string[] } | undefined
  }
}

/**
 * One faked vendor. Before `routes` sees a call, the sandbox has counted it, played its faults and checked its token;
 * the path that the routes see begins after `/<tenant>/<vendor>`.
 */
export interface Vendor<Data = VendorData> {
  readonly id: string
  /** Quota windows it uses, with the vendor's real sizes. Routes take from them; nothing else does. */
  readonly windows: { readonly [name: string]: { readonly limit: number; readonly windowMs: number } }
  /** How it speaks OAuth; the authority implements the grants. */
  readonly oauth: VendorOAuth
  account(world: World): VendorAccount
  /** Makes one tenant's records, which live as long as the sandbox. */
  seed(world: World): Data
  /**
   * The resource API, mounted below the vendor's base path. Trailing slashes are ignored by the router. The last route
   * should be `all('*')`, with what the vendor says to an unknown path.
   */
  routes(context: VendorContext, data: Data): Hono<VendorEnv>
  refusal(refusal: Refusal, context: VendorContext): Response
  /** True for a path (below the base path) that needs no token. Default: none. */
  isOpen?(method: string, path: string): boolean
  /** Where the access token stands. Default: the Bearer of the `Authorization` header. */
  bearer?(request: Request): string | undefined
  /** Every record of a type with its raw values, for tests; `undefined` when there is no such type. */
  records(data: Data, type: string): readonly RawRecord[] | undefined
}

export interface RawRecord {
  readonly id: string
  readonly archived: boolean
  readonly values: { readonly [name: string]: unknown }
}

/** A vendor's records for one tenant, in the vendor's own shape; made from the world by the vendor. */
export type VendorData = unknown
