/**
 * @module
 * The OAuth 2.0 client: asks a system's authorization server for tokens and reads what comes back. Built on
 * oauth4webapi; every request leaves through the one upstream.
 */
import type { ConnectorAuth } from '@quartermaster/connectors'
import * as oauth from 'oauth4webapi'
import { type Upstream, UpstreamFault } from '../outbound/upstream.ts'
import { readTokenAnswer, type TokenOutcome } from './read-token-answer.ts'

/** This installation's registration with one system. */
export interface OAuthApp {
  readonly clientId: string
  readonly clientSecret: string
}

/** Where the system's authorization server is, for one tenant. */
export interface TokenEndpoints {
  readonly token: string
  readonly revoke?: string
}

/** `unknown`: the system does not know the token, or not any more. `refused`: anything else that is no agreement. */
export type Revocation = 'revoked' | 'unknown' | 'refused'

export interface OAuthClient {
  /** @throws UpstreamFault when no whole answer came. */
  refresh(request: TokenRequest & { readonly refreshToken: string }): Promise<TokenOutcome>
  /** Exchanges an authorization code (RFC 6749 §4.1.3 with the verifier of RFC 7636). */
  exchange(
    request: TokenRequest & { readonly code: string; readonly redirectUri: string; readonly codeVerifier: string },
  ): Promise<TokenOutcome>
  /** A token for the client itself (RFC 6749 §4.4). */
  clientCredentials(request: TokenRequest): Promise<TokenOutcome>
  /** A token for a signed assertion (RFC 7523 §2.1). */
  jwtBearer(request: Omit<TokenRequest, 'app'> & { clientId: string; assertion: string }): Promise<TokenOutcome>
  /**
   * Tells the system to forget a refresh token, or an access token that has none (RFC 7009).
   * @throws UpstreamFault when no whole answer came.
   */
  revoke(request: TokenRequest & { readonly token: string }): Promise<Revocation>
}

/** How long a request may take, when its right to be sent is on loan. */
export interface SendTime {
  leftMs(): number
  /** Asked when the first byte would leave. False ends it as `too_late`, with nothing sent. */
  maySend(): boolean
}

export interface TokenRequest {
  readonly auth: ConnectorAuth
  readonly endpoints: TokenEndpoints
  readonly app: OAuthApp
  /** {@link TOKEN_TIMEOUT_MS} when left out. */
  readonly time?: SendTime | undefined
}

/** Token requests get less than the lease that guards them lasts. */
export const TOKEN_TIMEOUT_MS = 6_000

export function oauthClient(upstream: Upstream): OAuthClient {
  /** oauth4webapi speaks fetch; the form it builds is what goes out. */
  const options = (time: SendTime | undefined) => ({
    [oauth.customFetch]: (url: string, form: Form) => sendForm(upstream, url, form, time),
    // The upstream decides which addresses and schemes are allowed; it is stricter than the library's check.
    [oauth.allowInsecureRequests]: true,
  })

  return {
    async refresh({ auth, endpoints, app, refreshToken, time }) {
      const response = await oauth.refreshTokenGrantRequest(...party(endpoints, app), refreshToken, options(time))
      return readTokenAnswer(response, auth)
    },
    async exchange({ auth, endpoints, app, code, redirectUri, codeVerifier, time }) {
      const [server, client, authentication] = party(endpoints, app)
      const parameters = new URLSearchParams({ code, redirect_uri: redirectUri, code_verifier: codeVerifier })
      const response = await oauth.genericTokenEndpointRequest(
        server,
        client,
        authentication,
        'authorization_code',
        parameters,
        options(time),
      )
      return readTokenAnswer(response, auth)
    },
    async clientCredentials({ auth, endpoints, app, time }) {
      const response = await oauth.clientCredentialsGrantRequest(...party(endpoints, app), {}, options(time))
      return readTokenAnswer(response, auth)
    },
    async jwtBearer({ auth, endpoints, clientId, assertion, time }) {
      const response = await oauth.genericTokenEndpointRequest(
        serverOf(endpoints),
        { client_id: clientId },
        oauth.None(),
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        { assertion },
        options(time),
      )
      return readTokenAnswer(response, auth)
    },
    async revoke({ auth, endpoints, app, token, time }) {
      if (endpoints.revoke === undefined) return 'refused'
      const { sendsSecret = true, sendsHint = false, unknownToken = [] } = auth.revocation ?? {}
      const [server, client, secret] = party(endpoints, app)
      const authentication = sendsSecret ? secret : oauth.None()
      const more = sendsHint ? { additionalParameters: { token_type_hint: 'refresh_token' } } : {}
      const response = await oauth.revocationRequest(server, client, authentication, token, {
        ...options(time),
        ...more,
      })
      if (response.ok) return 'revoked'
      const body = await response.text()
      const unknown = unknownToken.some(({ status, includes }) => status === response.status && body.includes(includes))
      return unknown ? 'unknown' : 'refused'
    },
  }
}

interface Form {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: BodyInit | null
}

async function sendForm(upstream: Upstream, url: string, form: Form, time: SendTime | undefined): Promise<Response> {
  const answer = await upstream.send(
    { method: 'POST', url, headers: form.headers, body: String(form.body ?? '') },
    time
      ? { timeoutMs: Math.max(0, Math.min(TOKEN_TIMEOUT_MS, time.leftMs())), maySend: time.maySend }
      : { timeoutMs: TOKEN_TIMEOUT_MS },
  )
  // A Response holds no other status, and some of these no body; whatever they mean, they are no token.
  if (answer.status < 200 || answer.status > 599) throw new UpstreamFault('broken', true)
  const bodyless = answer.status === 204 || answer.status === 205 || answer.status === 304
  return new Response(bodyless ? null : answer.body, {
    status: answer.status,
    headers: Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ) as [string, string][],
  })
}

function party(endpoints: TokenEndpoints, app: OAuthApp): [oauth.AuthorizationServer, oauth.Client, oauth.ClientAuth] {
  return [serverOf(endpoints), { client_id: app.clientId }, oauth.ClientSecretPost(app.clientSecret)]
}

function serverOf(endpoints: TokenEndpoints): oauth.AuthorizationServer {
  return {
    issuer: new URL(endpoints.token).origin,
    token_endpoint: endpoints.token,
    ...(endpoints.revoke === undefined ? {} : { revocation_endpoint: endpoints.revoke }),
  }
}
