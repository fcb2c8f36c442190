/**
 * @module
 * The OAuth 2.0 client: asks a system's authorization server for tokens and reads what comes back. Built on
 * oauth4webapi; every request leaves through the one upstream.
 */
import type { ConnectorAuth } from '@quartermaster/connectors'
import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import { type Upstream, UpstreamFault } from '../http/upstream.ts'
import { classifyTokenError, type DeadReason, deadReason, type TokenErrorClass } from './token-error.ts'

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

/** What a token response said. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** Seconds; the connector's assumption when the system does not say. */
  readonly expiresInS: number
  readonly scopes: readonly string[] | undefined
  /** Members that the connector keeps, such as `instance_url`. */
  readonly kept: { readonly [member: string]: string }
}

export type TokenOutcome =
  | { readonly ok: true; readonly answer: TokenAnswer }
  | {
      readonly ok: false
      readonly means: TokenErrorClass
      readonly retryAfterS?: number
      /** Only for `dead`. */
      readonly reason?: DeadReason
    }

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
  /** Tells the system to forget a token (RFC 7009). True when it agreed. */
  revoke(request: TokenRequest & { readonly token: string }): Promise<boolean>
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

/** Visible ASCII (RFC 6749 appendix A.12): anything else could not be sent back. */
export const tokenText = z.string().regex(/^[\x20-\x7e]{1,8192}$/)

const tokenMembers = z.looseObject({
  access_token: tokenText,
  refresh_token: tokenText.optional(),
  expires_in: z.coerce.number().positive().optional(),
})

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
      return read(response, auth)
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
      return read(response, auth)
    },
    async clientCredentials({ auth, endpoints, app, time }) {
      const response = await oauth.clientCredentialsGrantRequest(...party(endpoints, app), {}, options(time))
      return read(response, auth)
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
      return read(response, auth)
    },
    async revoke({ endpoints, app, token, time }) {
      if (endpoints.revoke === undefined) return false
      const response = await oauth.revocationRequest(...party(endpoints, app), token, options(time))
      await response.body?.cancel()
      return response.ok
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

async function read(response: Response, auth: ConnectorAuth): Promise<TokenOutcome> {
  const body = parseJson(await response.text())
  if (!response.ok) {
    const retryAfter = Number(response.headers.get('retry-after'))
    const means = classifyTokenError(response.status, body, auth.tokenErrors)
    return {
      ok: false,
      means,
      ...(means === 'dead' ? { reason: deadReason(body) } : {}),
      ...(retryAfter > 0 ? { retryAfterS: retryAfter } : {}),
    }
  }
  const members = tokenMembers.safeParse(body)
  // A 200 without an access token is never stored: it would replace a working grant by nothing.
  // What it did behind that answer is not known, though.
  if (!members.success) return { ok: false, means: 'unknown' }
  const { access_token, refresh_token, expires_in, ...rest } = members.data
  return {
    ok: true,
    answer: {
      accessToken: access_token,
      refreshToken: refresh_token,
      expiresInS: expires_in ?? auth.defaultExpiresInS,
      scopes: grantedScopes(rest[auth.grantedScopes]),
      kept: Object.fromEntries(
        auth.keep.flatMap((member) => (typeof rest[member] === 'string' ? [[member, rest[member]]] : [])),
      ),
    },
  }
}

function grantedScopes(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '')
  if (Array.isArray(value)) return value.filter((scope): scope is string => typeof scope === 'string')
  return undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
