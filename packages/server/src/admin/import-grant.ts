/**
 * @module
 * Reads the body of `POST /integrated-account`: a token response, or a grant without a browser, which is tried once
 * before anything is stored.
 */
import { type Connector, hostMatches } from '@quartermaster/connectors'
import { z } from 'zod'
import { tenantName } from '../accounts/connect-account.ts'
import type { ConnectFlowDeps } from '../connect/connect-flow-deps.ts'
import { Problem } from '../http/problem.ts'
import { authorityEndpoints } from '../oauth/endpoints.ts'
import { isSigningKey } from '../oauth/jwt-assertion.ts'
import type { TokenAnswer } from '../oauth/read-token-answer.ts'
import { tokenText } from '../oauth/read-token-answer.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import type { Renewal } from '../vault/grant.ts'
import { renew } from '../vault/renew.ts'

const secret = z.string().min(1).max(8_192)

export const newAccount = z.strictObject({
  tenant: tenantName.optional(),
  system: z.string().min(1).max(64),
  label: z.string().trim().min(1).max(120).optional(),
  /** A token response of the system. */
  grant: z
    .looseObject({
      access_token: tokenText,
      refresh_token: tokenText.optional(),
      expires_in: z.number().positive().max(31_536_000).optional(),
      scopes: z.array(z.string().max(256)).max(256).optional(),
      scope: z.string().max(8_192).optional(),
    })
    .optional(),
  /** The customer's own client, at the customer's own host (RFC 6749 §4.4). */
  client_credentials: z
    .strictObject({ client_id: secret, client_secret: secret, host: z.string().min(1).max(253) })
    .optional(),
  /** A client that may act for a user by a signature (RFC 7523). The key is an RSA private key in PEM. */
  jwt_bearer: z.strictObject({ client_id: secret, subject: secret, private_key: z.string().max(16_384) }).optional(),
  /** A token that never changes, made in the system by hand. */
  static_token: z.strictObject({ token: tokenText }).optional(),
})

export type NewAccountBody = z.output<typeof newAccount>

export interface ImportedGrant {
  readonly answer: TokenAnswer
  readonly renewal?: Renewal
}

/** A token without an end still gets a time to look at it again: the farthest that a grant can name. */
const STATIC_LIFETIME_S = 31_536_000 * 10

/** @throws Problem 400 when the system does not take this grant, or refuses it; 503 when it does not answer. */
export async function importGrant(
  deps: ConnectFlowDeps,
  tenant: string,
  connector: Connector,
  body: NewAccountBody,
): Promise<ImportedGrant> {
  const { grant, client_credentials, jwt_bearer, static_token } = body
  const given = [grant, client_credentials, jwt_bearer, static_token].filter((each) => each !== undefined)
  if (given.length !== 1) {
    throw new Problem(400, 'Send exactly one of grant, client_credentials, jwt_bearer and static_token.')
  }
  if (grant) return { answer: answerOf(connector, grant) }
  const renewal = renewalOf(deps, tenant, connector, body)
  if (static_token) {
    const answer = { ...nothingKept, accessToken: static_token.token, expiresInS: STATIC_LIFETIME_S }
    return { answer, renewal }
  }
  return { answer: await firstToken(deps, tenant, connector, renewal), renewal }
}

const nothingKept = { refreshToken: undefined, scopes: undefined, kept: {} } as const

function answerOf({ auth }: Connector, grant: NonNullable<NewAccountBody['grant']>): TokenAnswer {
  const kept = auth.keep.flatMap((member) => {
    const value = grant[member]
    return typeof value === 'string' ? [[member, value]] : []
  })
  return {
    accessToken: grant.access_token,
    refreshToken: grant.refresh_token,
    expiresInS: grant.expires_in ?? auth.defaultExpiresInS,
    scopes: grant.scopes ?? grant.scope?.split(' ').filter((scope) => scope !== ''),
    kept: Object.fromEntries(kept),
  }
}

function renewalOf(deps: ConnectFlowDeps, tenant: string, connector: Connector, body: NewAccountBody): Renewal {
  const { clientCredentials, jwtBearer, staticToken } = connector.auth.otherGrants
  const { client_credentials, jwt_bearer } = body
  const not = (name: string) => new Problem(400, `This system does not take ${name}.`)
  if (client_credentials) {
    if (!clientCredentials) throw not('client_credentials')
    const { client_id, client_secret, host } = client_credentials
    if (!hostMatches(clientCredentials.host, host) || !/^[a-z0-9.-]+$/.test(host)) {
      throw new Problem(400, `client_credentials.host must be one of the system's hosts: ${clientCredentials.host}.`)
    }
    const redirected = deps.dangerousVendorBase?.(tenant, connector.id) !== undefined
    return {
      kind: 'client_credentials',
      clientId: client_id,
      clientSecret: client_secret,
      ...(redirected ? {} : { tokenHost: host }),
    }
  }
  if (jwt_bearer) {
    if (!jwtBearer) throw not('jwt_bearer')
    const { client_id, subject, private_key } = jwt_bearer
    if (!isSigningKey(private_key)) {
      throw new Problem(400, 'jwt_bearer.private_key must be an RSA private key in PEM with at least 2048 bits.')
    }
    return { kind: 'jwt_bearer', clientId: client_id, subject, privateKey: private_key }
  }
  if (!staticToken) throw not('static_token')
  return { kind: 'static_token' }
}

async function firstToken(
  deps: ConnectFlowDeps,
  tenant: string,
  connector: Connector,
  renewal: Renewal,
): Promise<TokenAnswer> {
  const endpoints = authorityEndpoints(connector, deps.dangerousVendorBase?.(tenant, connector.id))
  const authority = { auth: connector.auth, endpoints, app: undefined }
  try {
    const outcome = await renew(deps.oauth, authority, { renewal }, deps.now())
    if (outcome.ok) return { ...outcome.answer, refreshToken: undefined }
    if (outcome.means !== 'transient' && outcome.means !== 'unknown')
      throw new Problem(400, 'The system refuses this grant. Nothing was stored.')
  } catch (error) {
    if (!(error instanceof UpstreamFault)) throw error
  }
  throw new Problem(503, 'The system did not answer as it should. Nothing was stored; try again later.')
}
