/**
 * @module
 * How a vendor speaks OAuth: where its endpoints are, what it accepts, and what its bodies look like. The grants
 * themselves are the authority's.
 */
import type { VendorAccount } from './vendor-account.ts'

/** One vendor's dialect of OAuth 2.0. Paths are below the vendor's base path. */
export interface VendorOAuth {
  readonly authorizePaths: readonly string[]
  readonly tokenPaths: readonly string[]
  readonly revokePaths: readonly string[]
  readonly introspectPaths: readonly string[]
  /** GET describes the token at the end of the path and DELETE revokes it; most vendors have none. */
  readonly describePaths: readonly string[]
  readonly grantTypes: readonly GrantType[]
  /** What the `aud` of a signed assertion may say. */
  readonly assertionAudiences?: readonly string[]
  readonly defaults: {
    readonly accessTokenTtlMs: number
    readonly rotateRefreshTokens: boolean
    readonly codeTtlMs: number
  }
  /** Whether a revoke call must carry client credentials. */
  readonly revokeNeedsClient: boolean
  /** The scopes that an authorization request gets, before the client's own limits. */
  grantedScopes(query: URLSearchParams): readonly string[]
  /** False when these scopes give no refresh token. */
  refreshable(scopes: readonly string[]): boolean
  /** Dresses 24 random bytes (hex) as the vendor's token. */
  dress(kind: 'access' | 'refresh' | 'code', random: string, account: VendorAccount): string
  tokenBody(issued: IssuedTokens, call: OAuthCall): { readonly [name: string]: unknown }
  introspectBody(token: KnownToken | undefined, call: OAuthCall): { readonly [name: string]: unknown }
  describeBody?(token: KnownToken, call: OAuthCall): { readonly [name: string]: unknown }
  revoked(call: OAuthCall): Response
  error(problem: OAuthProblem, call: OAuthCall): Response
}

/** The grants that the authority implements. */
export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The call that is being answered. */
export interface OAuthCall {
  /** Below the vendor's base path. */
  readonly path: string
  readonly baseUrl: string
  readonly account: VendorAccount
  readonly clientId: string
  readonly clientSecret: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** What a token call gave. Times are epoch milliseconds. */
export interface IssuedTokens {
  readonly grantType: GrantType
  readonly accessToken: string
  /** The one to use from now on; absent when the grant has none. */
  readonly refreshToken: string | undefined
  /** True when the refresh token of this answer is not the one that was sent. */
  readonly rotated: boolean
  readonly scopes: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
}

/** A living token, as introspection sees it. */
export interface KnownToken {
  readonly token: string
  readonly use: 'access' | 'refresh'
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly issuedAt: number
  /** Epoch milliseconds; `undefined` when it does not expire. */
  readonly expiresAt: number | undefined
}

/** What can be wrong with a call to the authority. */
export type OAuthProblem =
  | 'unknown_client'
  | 'wrong_client_secret'
  | 'redirect_uri_mismatch'
  | 'code_invalid'
  | 'code_expired'
  | 'verifier_missing'
  | 'verifier_wrong'
  | 'refresh_token_dead'
  | 'grant_type_unsupported'
  | 'token_unknown'
  | 'parameter_missing'
  | 'assertion_invalid'
