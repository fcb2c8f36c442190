/**
 * @module
 * What every faked vendor is made of. A vendor is a fetch handler over one tenant's data; faults, counters, quotas and
 * tokens are shared machinery that it is given.
 */
import type { Hono } from 'hono'

/** The parts of the sandbox that a vendor works with, for one tenant. */
export interface VendorContext {
  readonly tenant: string
  /** Epoch milliseconds; the sandbox's own clock, which tests may set. */
  readonly now: () => number
  /** The vendor's absolute base URL as clients see it, with the path prefix, no trailing slash. */
  readonly baseUrl: string
  readonly tokens: TokenBook
  readonly windows: QuotaWindows
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

/** One faked vendor. */
export interface Vendor {
  readonly id: string
  /** Quota windows it uses, with the vendor's real sizes. */
  readonly windows: { readonly [name: string]: { readonly limit: number; readonly windowMs: number } }
  /** How it speaks OAuth; the authority implements the grants. */
  readonly oauth: VendorOAuth
  /** The resource API, mounted below the vendor's base path. */
  routes(context: VendorContext, data: VendorData): Hono
}

/** A vendor's records for one tenant, in the vendor's own shape; made from the world by the vendor. */
export type VendorData = unknown

/** Where the vendor's OAuth endpoints are and what their bodies look like. */
export interface VendorOAuth {
  readonly authorizePaths: readonly string[]
  readonly tokenPaths: readonly string[]
  readonly revokePaths: readonly string[]
  readonly defaults: { readonly accessTokenTtlMs: number; readonly rotateRefreshTokens: boolean }
}
