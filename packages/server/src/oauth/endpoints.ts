/**
 * @module
 * Where a system's authorization server and API are for one account. They come from the connector file alone; no
 * tenant can name a host. Only an operator can point a system elsewhere, for a sandbox.
 */
import type { Connector } from '@quartermaster/connectors'
import { hostAllowed } from '@quartermaster/connectors'
import type { TokenEndpoints } from './client.ts'

/**
 * Answers with a base URL that stands in for every host of the system, or undefined for the real ones. The name says
 * that tokens and data go wherever it points.
 */
export type DangerousVendorBase = (tenant: string, system: string) => string | undefined

export interface AuthorityEndpoints extends TokenEndpoints {
  readonly authorize: string
}

export function authorityEndpoints(connector: Connector, base: string | undefined): AuthorityEndpoints {
  const at = (url: string) => (base === undefined ? url : base + new URL(url).pathname)
  const { authorizeUrl, tokenUrl, revokeUrl } = connector.auth
  return {
    authorize: at(authorizeUrl),
    token: at(tokenUrl),
    ...(revokeUrl === undefined ? {} : { revoke: at(revokeUrl) }),
  }
}

const placeholder = /^\{([a-z_]+)\}$/

/**
 * The base URL of the API for an account.
 * @returns undefined when the grant does not name one, or names a host that is not the system's.
 */
export function apiBase(
  connector: Connector,
  base: string | undefined,
  kept: { readonly [member: string]: string },
): string | undefined {
  const member = placeholder.exec(connector.api.base)?.[1]
  if (member === undefined) return base ?? connector.api.base
  const named = kept[member]?.replace(/\/+$/, '')
  if (named === undefined) return undefined
  const trusted = base === undefined ? hostAllowed(connector, named) : named === base
  return trusted ? named : undefined
}
