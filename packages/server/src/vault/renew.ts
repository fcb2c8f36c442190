/**
 * @module
 * How a grant gets its next access token: by its refresh token, by the customer's own client credentials, by a signed
 * assertion, or not at all.
 */
import type { ConnectorAuth } from '@quartermaster/connectors'
import type { OAuthApp, OAuthClient, SendTime, TokenEndpoints } from '../oauth/client.ts'
import { jwtAssertion } from '../oauth/jwt-assertion.ts'
import type { TokenOutcome } from '../oauth/read-token-answer.ts'
import type { Grant, Renewal } from './grant.ts'

/** How to speak to an account's authorization server. */
export interface RenewalAuthority {
  readonly auth: ConnectorAuth
  readonly endpoints: TokenEndpoints
  /** This installation's client; undefined when it has none, which only grants with a client of their own survive. */
  readonly app: OAuthApp | undefined
}

/** Why the grant has no next token; undefined when it can be renewed. */
export function cannotRenew(grant: Grant): 'no_refresh_token' | 'token_refused' | undefined {
  if (grant.renewal?.kind === 'static_token') return 'token_refused'
  if (grant.renewal === undefined && grant.refreshToken === undefined) return 'no_refresh_token'
  return undefined
}

/** @throws UpstreamFault when no whole answer came. */
export async function renew(
  oauth: OAuthClient,
  authority: RenewalAuthority,
  grant: Pick<Grant, 'refreshToken' | 'renewal'>,
  now: number,
  time?: SendTime,
): Promise<TokenOutcome> {
  if (grant.renewal !== undefined) return renewAlone(oauth, authority, grant.renewal, now, time)
  const { auth, endpoints, app } = authority
  if (!app || grant.refreshToken === undefined) return { ok: false, means: 'operator' }
  return oauth.refresh({ auth, endpoints, app, refreshToken: grant.refreshToken, time })
}

async function renewAlone(
  oauth: OAuthClient,
  { auth, endpoints }: RenewalAuthority,
  renewal: Renewal,
  now: number,
  time?: SendTime,
): Promise<TokenOutcome> {
  switch (renewal.kind) {
    case 'client_credentials': {
      const { clientId, clientSecret, tokenHost } = renewal
      const app = { clientId, clientSecret }
      return oauth.clientCredentials({ auth, endpoints: { token: atHost(endpoints.token, tokenHost) }, app, time })
    }
    case 'jwt_bearer': {
      const { clientId, subject, privateKey } = renewal
      const audience = auth.otherGrants.jwtBearer?.audience
      if (audience === undefined) return { ok: false, means: 'operator' }
      const assertion = jwtAssertion({ clientId, subject, audience, privateKey }, now)
      return oauth.jwtBearer({ auth, endpoints, clientId, assertion, time })
    }
    case 'static_token':
      return { ok: false, means: 'dead' }
  }
}

function atHost(url: string, host: string | undefined): string {
  if (host === undefined) return url
  const moved = new URL(url)
  moved.hostname = host
  return moved.href
}
