/**
 * @module
 * Salesforce's OAuth: token answers carry an identity URL, a signature and the instance, but never say when they
 * expire. The session lasts two hours, the default of an org.
 */
import { createHmac } from 'node:crypto'
import type { OAuthCall, OAuthProblem, VendorOAuth } from '../vendor-oauth.ts'

/** What an app without narrower settings is granted when the request names no scope. */
const allScopes = ['api', 'refresh_token', 'id', 'web'] as const

/** Web server, refresh token and client credentials flows. */
export const salesforceOAuth: VendorOAuth = {
  authorizePaths: ['/services/oauth2/authorize'],
  tokenPaths: ['/services/oauth2/token'],
  revokePaths: ['/services/oauth2/revoke'],
  introspectPaths: ['/services/oauth2/introspect'],
  describePaths: [],
  grantTypes: [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ],
  assertionAudiences: ['https://login.salesforce.com', 'https://test.salesforce.com'],
  defaults: { accessTokenTtlMs: 7_200_000, rotateRefreshTokens: false, codeTtlMs: 900_000 },
  revokeNeedsClient: false,
  grantedScopes(query) {
    const asked = (query.get('scope') ?? '').split(/\s+/).filter(Boolean)
    return asked.length > 0 ? [...new Set(asked)] : allScopes
  },
  refreshable: (scopes) => scopes.includes('refresh_token') || scopes.includes('offline_access'),
  dress(kind, random, account) {
    if (kind === 'access') return `${account.accountId.slice(0, 15)}!AQ${random}`
    return kind === 'refresh' ? `5Aep861${random}` : `aPrx${random}`
  },
  tokenBody({ grantType, accessToken, refreshToken, rotated, scopes, issuedAt }, call) {
    const id = `${call.baseUrl}/id/${call.account.accountId}/${call.account.userId}`
    const signature = createHmac('sha256', call.clientSecret).update(`${id}${issuedAt}`).digest('base64')
    const newRefreshToken = grantType === 'authorization_code' || rotated ? refreshToken : undefined
    return {
      access_token: accessToken,
      ...(newRefreshToken === undefined ? {} : { refresh_token: newRefreshToken }),
      signature,
      scope: scopes.join(' '),
      instance_url: call.baseUrl,
      id,
      token_type: 'Bearer',
      issued_at: String(issuedAt),
    }
  },
  introspectBody(token, { account }) {
    if (!token) return { active: false }
    return {
      active: true,
      scope: token.scopes.join(' '),
      client_id: token.clientId,
      username: account.userName,
      sub: account.userId,
      token_type: `${token.use}_token`,
      iat: Math.floor(token.issuedAt / 1000),
      nbf: Math.floor(token.issuedAt / 1000),
      ...(token.expiresAt === undefined ? {} : { exp: Math.floor(token.expiresAt / 1000) }),
    }
  },
  revoked: () => new Response(null, { status: 200 }),
  error: describeProblem,
}

const problems: { readonly [problem in OAuthProblem]: readonly [error: string, description: string] } = {
  unknown_client: ['invalid_client_id', 'client identifier invalid'],
  wrong_client_secret: ['invalid_client', 'invalid client credentials'],
  redirect_uri_mismatch: ['redirect_uri_mismatch', 'redirect_uri must match configuration'],
  code_invalid: ['invalid_grant', 'invalid authorization code'],
  code_expired: ['invalid_grant', 'expired authorization code'],
  verifier_missing: ['invalid_grant', 'missing code verifier'],
  verifier_wrong: ['invalid_grant', 'invalid code verifier'],
  refresh_token_dead: ['invalid_grant', 'expired access/refresh token'],
  grant_type_unsupported: ['unsupported_grant_type', 'grant type not supported'],
  token_unknown: ['unsupported_token_type', 'this token is not known or was already revoked'],
  assertion_invalid: ['invalid_grant', 'invalid assertion'],
  parameter_missing: ['invalid_request', 'a required parameter is missing'],
}

/** JSON everywhere but at revoke, whose errors are form-encoded. */
function describeProblem(problem: OAuthProblem, { path }: OAuthCall): Response {
  const [error, error_description] = problems[problem]
  if (!path.endsWith('/revoke')) return Response.json({ error, error_description }, { status: 400 })
  const body = new URLSearchParams({ error, error_description })
  return new Response(body.toString(), {
    status: 400,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
  })
}
