/**
 * @module
 * One tenant's authorization server at one vendor: it hands out codes, and tokens for codes, refresh tokens and client
 * credentials. It speaks in problems; the vendor words them.
 */
import type { VendorAccount } from '../vendor.ts'
import type { IssuedTokens, OAuthProblem, VendorOAuth } from '../vendor-oauth.ts'
import { isGoodAssertion, issuerOf } from './assertion.ts'
import { acceptsRedirect, type RegisteredClient } from './client-registry.ts'
import { createCodeStore } from './code-store.ts'
import { createTokenStore, type TokenSettings, type TokenStore } from './token-store.ts'

/** Grants tokens to one vendor account of one tenant. */
export interface Authority {
  readonly tokens: TokenStore
  /** May be changed while the authority works. */
  readonly settings: TokenSettings
  client(clientId: string): RegisteredClient | undefined
  /** The client when id and secret are right. */
  authenticate(form: URLSearchParams): RegisteredClient | OAuthProblem
  /** Makes a code for a request that a person has approved. */
  approve(query: URLSearchParams): string
  exchange(form: URLSearchParams): IssuedTokens | OAuthProblem
}

/** What an authority is made of. */
export interface AuthorityDeps {
  readonly oauth: VendorOAuth
  readonly account: VendorAccount
  readonly clients: readonly RegisteredClient[]
  readonly now: () => number
  /** `bytes` random bytes as lower-case hex. */
  readonly randomHex: (bytes: number) => string
  readonly onReuse: () => void
}

/** An authority without any grants, with the vendor's default lifetimes. */
export function createAuthority({ oauth, account, clients, now, randomHex, onReuse }: AuthorityDeps): Authority {
  const { accessTokenTtlMs, rotateRefreshTokens, codeTtlMs } = oauth.defaults
  const settings: TokenSettings = { accessTokenTtlMs, rotateRefreshTokens, graceMs: 0 }
  const mint = (kind: 'access' | 'refresh' | 'code') => oauth.dress(kind, randomHex(24), account)
  const tokens = createTokenStore({ settings, now, mint, onReuse })
  const codes = createCodeStore()
  const find = (clientId: string) => clients.find((client) => client.clientId === clientId)

  const authenticate = (form: URLSearchParams) => {
    const client = find(form.get('client_id') ?? '')
    if (!client) return 'unknown_client'
    return client.clientSecret === form.get('client_secret') ? client : 'wrong_client_secret'
  }

  const redeem = (form: URLSearchParams, clientId: string) => {
    const code = form.get('code')
    if (!code) return 'parameter_missing'
    const verifier = form.get('code_verifier') ?? undefined
    const redirectUri = form.get('redirect_uri') ?? ''
    const redeemed = codes.redeem(code, { clientId, redirectUri, verifier, now: now() })
    if ('problem' in redeemed) {
      if (redeemed.family) tokens.revokeFamily(redeemed.family)
      return redeemed.problem
    }
    const { scopes } = redeemed.grant
    const refreshable = oauth.refreshable(scopes)
    const issued = tokens.issue({ grantType: 'authorization_code', clientId, scopes, refreshable })
    codes.settle(code, issued.family)
    return issued
  }

  const assert = (form: URLSearchParams) => {
    const assertion = form.get('assertion') ?? ''
    const client = find(issuerOf(assertion) ?? '')
    if (!client?.publicKey) return 'assertion_invalid'
    const { clientId, publicKey } = client
    const audiences = oauth.assertionAudiences ?? []
    const expected = { publicKey, issuer: clientId, subject: account.userName, audiences, now: now() }
    if (!isGoodAssertion(assertion, expected)) return 'assertion_invalid'
    const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    return tokens.issue({ grantType, clientId, scopes: oauth.grantedScopes(form), refreshable: false })
  }

  return {
    tokens,
    settings,
    client: find,
    authenticate,
    approve(query) {
      const code = mint('code')
      codes.add(code, {
        clientId: query.get('client_id') ?? '',
        redirectUri: query.get('redirect_uri') ?? '',
        scopes: oauth.grantedScopes(query),
        challenge: query.get('code_challenge') ?? undefined,
        expiresAt: now() + codeTtlMs,
      })
      return code
    },
    exchange(form) {
      const grantType = oauth.grantTypes.find((known) => known === form.get('grant_type'))
      if (!grantType) return 'grant_type_unsupported'
      if (grantType === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return assert(form)
      const client = authenticate(form)
      if (typeof client === 'string') return client
      const { clientId } = client
      switch (grantType) {
        case 'authorization_code':
          return redeem(form, clientId)
        case 'refresh_token': {
          const refreshToken = form.get('refresh_token')
          return refreshToken ? (tokens.refresh(refreshToken, clientId) ?? 'refresh_token_dead') : 'parameter_missing'
        }
        case 'client_credentials':
          return tokens.issue({ grantType, clientId, scopes: oauth.grantedScopes(form), refreshable: false })
      }
    },
  }
}

/** Why an authorization request cannot even be shown to a person; `undefined` when it can. */
export function objectTo(authority: Authority, query: URLSearchParams): string | undefined {
  const client = authority.client(query.get('client_id') ?? '')
  if (!client) return 'the client_id is not registered'
  const redirectUri = query.get('redirect_uri')
  if (!redirectUri) return 'the redirect_uri is missing'
  return acceptsRedirect(client, redirectUri) ? undefined : 'the redirect_uri does not match the registration'
}
