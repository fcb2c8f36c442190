/**
 * @module
 * The checked `auth` part of a connector file becomes what a connector offers; its expressions are compiled here.
 */
import type { AuthFile } from './auth-file.ts'
import type { ConnectorAuth, ConnectorIdentity } from './contract.ts'
import type { ExpressionCompiler } from './expression-compiler.ts'

export function buildAuth(auth: AuthFile, compiler: ExpressionCompiler): ConnectorAuth {
  const { required, optional } = auth.scopes
  const { client_credentials, jwt_bearer, static_token } = auth.other_grants
  return {
    authorizeUrl: auth.authorize_url,
    tokenUrl: auth.token_url,
    ...(auth.revoke_url === undefined ? {} : { revokeUrl: auth.revoke_url }),
    revocation: {
      sendsSecret: auth.revocation.client === 'secret',
      sendsHint: auth.revocation.hint,
      unknownToken: auth.revocation.unknown_token,
    },
    ...(auth.max_grants_per_user === undefined ? {} : { maxGrantsPerUser: auth.max_grants_per_user }),
    ...(auth.issuer === undefined ? {} : { issuer: auth.issuer }),
    pages: auth.pages,
    scopes: { required: required.map(({ scope }) => scope), optional: optional.map(({ scope }) => scope) },
    scopeReasons: new Map([...required, ...optional].map(({ scope, why }) => [scope, why])),
    ...(auth.optional_scope_parameter === undefined ? {} : { optionalScopeParameter: auth.optional_scope_parameter }),
    grantedScopes: auth.granted_scopes,
    defaultExpiresInS: auth.default_expires_in_s,
    ...(auth.refresh_grace_s === undefined ? {} : { refreshGraceS: auth.refresh_grace_s }),
    keep: auth.keep,
    ...(auth.identity ? { identity: buildIdentity(auth.identity, compiler) } : {}),
    otherGrants: {
      ...(client_credentials ? { clientCredentials: client_credentials } : {}),
      ...(jwt_bearer ? { jwtBearer: jwt_bearer } : {}),
      ...(static_token ? { staticToken: true } : {}),
    },
    tokenErrors: auth.token_errors,
  }
}

function buildIdentity(identity: NonNullable<AuthFile['identity']>, compiler: ExpressionCompiler): ConnectorIdentity {
  const compile = (key: 'user_id' | 'user' | 'org_id' | 'org') =>
    compiler.compile(`auth.identity.${key}`, identity[key], ['kept'])
  const [userId, user, orgId, org] = [compile('user_id'), compile('user'), compile('org_id'), compile('org')]
  return {
    ask: identity.ask,
    url: identity.url,
    async read(body, kept) {
      const answers = await Promise.all(
        [userId, user, orgId, org].map((run) => Promise.resolve(run(body, { kept })).catch(() => null)),
      )
      const [theUserId, theUser, theOrgId, theOrg] = answers.map(plainText)
      if (theUserId === undefined || theOrgId === undefined) return undefined
      return { userId: theUserId, user: theUser ?? theUserId, orgId: theOrgId, org: theOrg ?? theOrgId }
    },
  }
}

/** Ids come as numbers from some systems; what is neither text nor a number identifies nobody. */
function plainText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined
}
