/**
 * @module
 * Asks the system who a new token belongs to. The token goes to a host of the connector and to no other.
 */
import type { ProviderIdentity, UpstreamRequest } from '@quartermaster/connectors'
import { TOKEN_TIMEOUT_MS } from '../oauth/client.ts'
import { identityUrl } from '../oauth/endpoints.ts'
import type { TokenAnswer } from '../oauth/read-token-answer.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import type { ProviderContext } from './provider-context.ts'

/** Undefined when the system did not say, or when the grant names a foreign host to ask. */
export async function fetchProviderIdentity(
  deps: ConnectFlowDeps,
  tenant: string,
  provider: ProviderContext,
  answer: TokenAnswer,
): Promise<ProviderIdentity | undefined> {
  const { connector, app } = provider
  const { identity } = connector.auth
  const url = identityUrl(connector, deps.dangerousVendorBase?.(tenant, connector.id), answer.kept)
  if (!identity || url === undefined) return undefined
  try {
    const response = await deps.upstream.send(question(identity.ask, url, app, answer.accessToken), {
      timeoutMs: TOKEN_TIMEOUT_MS,
    })
    if (response.status !== 200) return undefined
    const body: unknown = JSON.parse(response.body)
    const inactive = typeof body === 'object' && body !== null && 'active' in body && body.active === false
    return inactive ? undefined : await identity.read(body, answer.kept)
  } catch (error) {
    if (error instanceof UpstreamFault || error instanceof SyntaxError) return undefined
    throw error
  }
}

function question(
  ask: 'bearer' | 'introspection',
  url: string,
  app: ProviderContext['app'],
  token: string,
): UpstreamRequest {
  if (ask === 'bearer') {
    return { method: 'GET', url, headers: { authorization: `Bearer ${token}`, accept: 'application/json' } }
  }
  const form = new URLSearchParams({
    client_id: app.clientId,
    client_secret: app.clientSecret,
    token,
    token_type_hint: 'access_token',
  })
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  }
}
