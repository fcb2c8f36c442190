/**
 * @module
 * One attempt to have a removed account's grant forgotten by its system. What it decides is data; it never throws for
 * what a system does.
 */
import type { Connector } from '@quartermaster/connectors'
import type { KeyRing } from '../keys/key-ring.ts'
import type { OAuthApp, OAuthClient } from '../oauth/client.ts'
import { authorityEndpoints, type DangerousVendorBase } from '../oauth/endpoints.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import type { DueRevocation, GrantRevocationStore, RevocationEnd } from '../store/grant-revocations.ts'
import { type Grant, isKeyMissing, openGrant } from '../vault/grant.ts'

export interface RevokeDeps {
  readonly revocations: GrantRevocationStore
  readonly ring: KeyRing
  readonly oauth: OAuthClient
  readonly catalog: ReadonlyMap<string, Connector>
  readonly app: (system: string) => OAuthApp | undefined
  readonly dangerousVendorBase?: DangerousVendorBase
  readonly now: () => number
}

/** Why an attempt ended as it did, for the log. */
export type RevocationNote =
  | 'agreed'
  | 'unknown_there'
  | 'shared'
  | 'no_token'
  | 'no_endpoint'
  | 'does_not_open'
  | 'key_missing'
  | 'no_client'
  | 'refused'
  | 'no_answer'

export interface RevocationAttempt {
  /** Undefined when it should be tried again. */
  readonly end: RevocationEnd | undefined
  readonly note: RevocationNote
}

export async function revokeGrant(deps: RevokeDeps, due: DueRevocation): Promise<RevocationAttempt> {
  const { accountId, tenant, system, secret } = due
  const grant = openGrant(deps.ring, { tenant, accountId }, secret)
  if (!grant) {
    if (isKeyMissing(deps.ring, secret)) return { end: undefined, note: 'key_missing' }
    return { end: 'not_revoked', note: 'does_not_open' }
  }
  const token = tokenOf(grant, deps.now())
  if (token === undefined) return { end: 'removed', note: 'no_token' }
  const connector = deps.catalog.get(system)
  if (connector?.auth.revokeUrl === undefined) return { end: 'removed', note: 'no_endpoint' }
  const app = deps.app(system)
  if (!app) return { end: undefined, note: 'no_client' }
  // Asked last: an account that was connected a moment ago may live on this grant.
  if (await deps.revocations.isShared(accountId, system)) return { end: 'removed', note: 'shared' }
  const endpoints = authorityEndpoints(connector, deps.dangerousVendorBase?.(tenant, system))
  try {
    switch (await deps.oauth.revoke({ auth: connector.auth, endpoints, app, token })) {
      case 'revoked':
        return { end: 'revoked', note: 'agreed' }
      case 'unknown':
        return { end: 'revoked', note: 'unknown_there' }
      case 'refused':
        return { end: undefined, note: 'refused' }
    }
  } catch (error) {
    if (error instanceof UpstreamFault) return { end: undefined, note: 'no_answer' }
    throw error
  }
}

/**
 * The token whose end is the end of the grant. A grant of the customer's own client is theirs to end: we forget their
 * credentials, and its access token dies by itself.
 */
function tokenOf({ refreshToken, accessToken, renewal, expiresAt }: Grant, now: number): string | undefined {
  if (renewal !== undefined) return undefined
  return refreshToken ?? (expiresAt > now ? accessToken : undefined)
}
