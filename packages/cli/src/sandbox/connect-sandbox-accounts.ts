/**
 * @module
 * Connects one account per system of the catalog to the faked vendors, the way a customer would: authorization code
 * with PKCE (RFC 7636), then the admin API.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type Connector, loadCatalog } from '@quartermaster/connectors'
import { authorityEndpoints, createUpstream, oauthClient, type TokenAnswer } from '@quartermaster/server'
import { sandboxApp } from './sandbox-app.ts'

export interface ConnectedAccount {
  readonly id: string
  readonly tenant: string
  readonly system: string
}

export interface ConnectOptions {
  readonly server: { readonly url: string; readonly adminToken: string }
  readonly sandboxUrl: string
  readonly tenant: string
}

/** Nothing listens here: the redirect is read, not followed. */
const REDIRECT_URI = 'http://127.0.0.1/oauth/callback'

/** @throws Error when the authority or the server refuses. */
export async function connectSandboxAccounts(options: ConnectOptions): Promise<readonly ConnectedAccount[]> {
  await retireEarlierAccounts(options)
  const accounts: ConnectedAccount[] = []
  for (const connector of loadCatalog().values()) {
    const answer = await signIn(connector, `${options.sandboxUrl}/${options.tenant}/${connector.id}`)
    accounts.push(await bringIn(options, connector, answer))
  }
  return accounts
}

/** A sandbox forgets its grants when it stops, so accounts that an earlier one left in the data directory are dead. */
async function retireEarlierAccounts(options: ConnectOptions): Promise<void> {
  const { result } = (await admin(options, 'GET', `/integrated-account?tenant=${options.tenant}`)) as {
    result: readonly { id: string; status: string }[]
  }
  for (const { id, status } of result) {
    if (status !== 'disconnected') await admin(options, 'DELETE', `/integrated-account/${id}`)
  }
}

async function signIn(connector: Connector, base: string): Promise<TokenAnswer> {
  const endpoints = authorityEndpoints(connector, base)
  const { auth } = connector
  const codeVerifier = randomBytes(32).toString('base64url')
  const url = new URL(endpoints.authorize)
  const scopes = auth.optionalScopeParameter ? auth.scopes.required : [...auth.scopes.required, ...auth.scopes.optional]
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: sandboxApp.clientId,
    redirect_uri: REDIRECT_URI,
    scope: scopes.join(' '),
    ...(auth.optionalScopeParameter ? { [auth.optionalScopeParameter]: auth.scopes.optional.join(' ') } : {}),
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    // The faked authority asks nobody when it is told who answers.
    as: 'user',
  }).toString()
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
  try {
    const redirect = await upstream.send({ method: 'GET', url: url.href, headers: {} }, { timeoutMs: 5_000 })
    const code = new URL(redirect.headers['location'] ?? 'http://nowhere.invalid').searchParams.get('code')
    if (code === null) throw new Error(`Cannot connect ${connector.label}: its authority answered ${redirect.status}`)
    const outcome = await oauthClient(upstream).exchange({
      auth,
      endpoints,
      app: sandboxApp,
      code,
      redirectUri: REDIRECT_URI,
      codeVerifier,
    })
    if (!outcome.ok) throw new Error(`Cannot connect ${connector.label}: its authority refused the code`)
    return outcome.answer
  } finally {
    await upstream.close()
  }
}

async function bringIn(options: ConnectOptions, connector: Connector, answer: TokenAnswer): Promise<ConnectedAccount> {
  const grant = {
    access_token: answer.accessToken,
    ...(answer.refreshToken === undefined ? {} : { refresh_token: answer.refreshToken }),
    expires_in: answer.expiresInS,
    ...(answer.scopes === undefined ? {} : { scopes: answer.scopes }),
    ...answer.kept,
  }
  const body = { tenant: options.tenant, system: connector.id, label: `${connector.label} (sandbox)`, grant }
  return (await admin(options, 'POST', '/integrated-account', body)) as ConnectedAccount
}

async function admin({ server }: ConnectOptions, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`Cannot ${method} ${path}: the server answered ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
