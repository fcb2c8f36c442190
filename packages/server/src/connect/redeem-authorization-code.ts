/**
 * @module
 * Validates an authorization response and redeems its code for a grant that is shown for review. Every check that can
 * refuse the grant is here, in order; nothing is stored before all have passed.
 */
import * as oauth from 'oauth4webapi'
import { ConnectRefused, trustedBase } from '../accounts/connect-account.ts'
import type { ConnectSession } from '../entities/connect-session.ts'
import type { TokenAnswer } from '../oauth/read-token-answer.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import { fetchProviderIdentity } from './fetch-provider-identity.ts'
import type { ProviderContext } from './provider-context.ts'
import { usableScopes } from './requested-scopes.ts'
import type { PendingGrant } from './sealed-step.ts'

export type GrantRefusal =
  | 'access_denied'
  | 'bad_response'
  | 'authority_error'
  | 'code_refused'
  | 'foreign_host'
  | 'identity_unknown'
  | 'scopes_missing'
  | 'other_identity'

export type RedeemedGrant =
  | { readonly ok: true; readonly pending: PendingGrant }
  | { readonly ok: false; readonly reason: GrantRefusal }

/** @param query the authorization response (RFC 6749 §4.1.2, RFC 9207) whose state has just been used up */
export async function redeemAuthorizationCode(
  deps: ConnectFlowDeps,
  session: ConnectSession,
  provider: ProviderContext,
  answered: { readonly query: URLSearchParams; readonly state: string; readonly codeVerifier: string },
): Promise<RedeemedGrant> {
  const code = codeOf(provider, answered.query, answered.state)
  if ('reason' in code) return { ok: false, reason: code.reason }
  const obtainedAt = deps.now()
  const granted = await exchange(deps, provider, code.code, answered.codeVerifier)
  if (granted === undefined) return { ok: false, reason: 'code_refused' }
  const { required } = provider.connector.auth.scopes
  const scopes = usableScopes(granted.scopes, session.scopes)
  if (required.some((scope) => !scopes.includes(scope))) return { ok: false, reason: 'scopes_missing' }
  const answer = { ...granted, scopes }
  const base = baseOf(deps, session, provider, answer)
  if (base === undefined) return { ok: false, reason: 'foreign_host' }
  const identity = await fetchProviderIdentity(deps, session.tenant, provider, answer)
  if (!identity) return { ok: false, reason: 'identity_unknown' }
  const pending: PendingGrant = { answer, identity, obtainedAt }
  if (!(await isSameOrganisation(deps, session, identity, base))) return { ok: false, reason: 'other_identity' }
  return { ok: true, pending }
}

function codeOf(
  provider: ProviderContext,
  query: URLSearchParams,
  state: string,
): { code: string } | { reason: GrantRefusal } {
  const { issuer } = provider.endpoints
  const names = [...query.keys()]
  // RFC 6749 §3.1: a parameter stands once. Two readers could take different ones of two.
  if (new Set(names).size < names.length) return { reason: 'bad_response' }
  const server: oauth.AuthorizationServer = {
    issuer: issuer ?? new URL(provider.endpoints.authorize).origin,
    authorization_response_iss_parameter_supported: issuer !== undefined,
  }
  // A system that declares no issuer may still send parameters of its own, and RFC 6749 §4.1.2 says to ignore them.
  const response = new URLSearchParams([...query].filter(([name]) => name !== 'iss' || issuer !== undefined))
  try {
    const code = oauth.validateAuthResponse(server, { client_id: provider.app.clientId }, response, state).get('code')
    return code !== null && /^[\x21-\x7e]{1,2048}$/.test(code) ? { code } : { reason: 'bad_response' }
  } catch (error) {
    if (!(error instanceof oauth.AuthorizationResponseError)) return { reason: 'bad_response' }
    return { reason: error.error === 'access_denied' ? 'access_denied' : 'authority_error' }
  }
}

async function exchange(
  deps: ConnectFlowDeps,
  { connector, endpoints, app, redirectUri }: ProviderContext,
  code: string,
  codeVerifier: string,
): Promise<TokenAnswer | undefined> {
  try {
    const outcome = await deps.oauth.exchange({
      auth: connector.auth,
      endpoints,
      app,
      code,
      redirectUri,
      codeVerifier,
    })
    return outcome.ok ? outcome.answer : undefined
  } catch (error) {
    if (error instanceof UpstreamFault) return undefined
    throw error
  }
}

function baseOf(
  deps: ConnectFlowDeps,
  { tenant }: ConnectSession,
  { connector }: ProviderContext,
  answer: TokenAnswer,
) {
  try {
    return trustedBase(deps, { tenant, connector, answer })
  } catch (error) {
    if (error instanceof ConnectRefused) return undefined
    throw error
  }
}

/** A reconnect may not change whose data an account shows, nor as whom it acts. */
async function isSameOrganisation(
  deps: ConnectFlowDeps,
  session: ConnectSession,
  identity: PendingGrant['identity'],
  base: string,
): Promise<boolean> {
  if (session.accountId === undefined) return true
  const known = await deps.store.connections.identity(session.accountId)
  if (known) return known.orgId === identity.orgId && known.userId === identity.userId
  // An account that was imported without a browser has no identity yet: its host is all there is to compare.
  const account = await deps.store.accounts.find(session.accountId)
  return account?.apiBase === base
}
