/**
 * @module
 * HubSpot's OAuth: version 1, version 3 and the date-versioned endpoints side by side. Refresh tokens do not rotate,
 * access tokens live 30 minutes, version 1 tells no scopes.
 */
import type { KnownToken, OAuthCall, OAuthProblem, VendorOAuth } from '../vendor-oauth.ts'

const versions = ['v3', '2026-03', '2026-09'] as const

/** Lifetimes and fields as in the OAuth specifications of each version. */
export const hubspotOAuth: VendorOAuth = {
  authorizePaths: ['/oauth/authorize', '/oauth/:hubId{[0-9]+}/authorize'],
  tokenPaths: ['/oauth/v1/token', ...versions.map((version) => `/oauth/${version}/token`)],
  revokePaths: versions.map((version) => `/oauth/${version}/token/revoke`),
  introspectPaths: versions.map((version) => `/oauth/${version}/token/introspect`),
  describePaths: ['/oauth/v1/access-tokens', '/oauth/v1/refresh-tokens'],
  grantTypes: ['authorization_code', 'refresh_token'],
  defaults: { accessTokenTtlMs: 1_800_000, rotateRefreshTokens: false, codeTtlMs: 600_000 },
  revokeNeedsClient: true,
  grantedScopes: (query) => [
    ...new Set(['oauth', ...words(query.get('scope')), ...words(query.get('optional_scope'))]),
  ],
  refreshable: () => true,
  dress(kind, random) {
    // Real access tokens grow with the scopes, to 300 characters and more.
    if (kind === 'access') return `C${random.slice(0, 8).toUpperCase()}${random.repeat(6)}`
    const uuid = [
      random.slice(0, 8),
      random.slice(8, 12),
      random.slice(12, 16),
      random.slice(16, 20),
      random.slice(20, 32),
    ]
    return `na1-${uuid.join('-')}`
  },
  tokenBody({ accessToken, refreshToken, scopes, issuedAt, expiresAt }, { path, account }) {
    const tokens = {
      token_type: 'bearer',
      refresh_token: refreshToken,
      access_token: accessToken,
      expires_in: Math.round((expiresAt - issuedAt) / 1000),
    }
    if (isFirstVersion(path)) return tokens
    const { accountId, userId } = account
    return { ...tokens, token_use: 'access_token', hub_id: Number(accountId), scopes, user_id: Number(userId) }
  },
  introspectBody(token, call) {
    if (!token) return { active: false }
    return { active: true, token_use: `${token.use}_token`, ...facts(token, call), is_private_distribution: false }
  },
  describeBody: facts,
  revoked: () => new Response(null, { status: 204 }),
  error: describeProblem,
}

function facts(token: KnownToken, { account, now }: OAuthCall): { readonly [name: string]: unknown } {
  const shared = {
    token: token.token,
    user: account.userName,
    hub_domain: account.domain,
    scopes: token.scopes,
    hub_id: Number(account.accountId),
    client_id: token.clientId,
    user_id: Number(account.userId),
    token_type: token.use,
  }
  if (token.expiresAt === undefined) return shared
  return { ...shared, app_id: 1, expires_in: Math.max(0, Math.floor((token.expiresAt - now) / 1000)) }
}

const problems: { readonly [problem in OAuthProblem]: readonly [status: string, message: string, http: number] } = {
  unknown_client: ['BAD_CLIENT_ID', 'missing or unknown client id', 400],
  wrong_client_secret: ['BAD_CLIENT_SECRET', 'missing or invalid client secret', 400],
  redirect_uri_mismatch: ['BAD_REDIRECT_URI', 'missing or invalid redirect uri', 400],
  code_invalid: ['BAD_AUTH_CODE', 'missing or unknown auth code', 400],
  code_expired: ['EXPIRED_AUTH_CODE', 'auth code is expired', 400],
  verifier_missing: ['BAD_CODE_VERIFIER', 'missing code verifier', 400],
  verifier_wrong: ['BAD_CODE_VERIFIER', 'code verifier does not match the code challenge', 400],
  refresh_token_dead: ['BAD_REFRESH_TOKEN', 'missing or invalid refresh token', 400],
  grant_type_unsupported: ['BAD_GRANT_TYPE', 'missing or unknown grant type', 400],
  token_unknown: ['TOKEN_NOT_FOUND', 'the token does not exist or has expired', 404],
  assertion_invalid: ['BAD_GRANT_TYPE', 'missing or unknown grant type', 400],
  parameter_missing: ['BAD_REQUEST', 'a required parameter is missing', 400],
}

/** The version 1 body; the later versions add the category that their common error shape requires. */
function describeProblem(problem: OAuthProblem, { path }: OAuthCall): Response {
  const [status, message, http] = problems[problem]
  const body = { status, message, correlationId: crypto.randomUUID() }
  return Response.json(isFirstVersion(path) ? body : { ...body, category: 'VALIDATION_ERROR' }, { status: http })
}

function isFirstVersion(path: string): boolean {
  return path.startsWith('/oauth/v1/')
}

function words(text: string | null): string[] {
  return (text ?? '').split(/[\s,]+/).filter(Boolean)
}
