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
  /** What the `iss` of an authorization response must be; undefined when the system sends none. */
  readonly issuer?: string
}

export function authorityEndpoints(connector: Connector, base: string | undefined): AuthorityEndpoints {
  const at = (url: string) => (base === undefined ? url : base + new URL(url).pathname)
  const { authorizeUrl, tokenUrl, revokeUrl, issuer } = connector.auth
  return {
    authorize: at(authorizeUrl),
    token: at(tokenUrl),
    ...(revokeUrl === undefined ? {} : { revoke: at(revokeUrl) }),
    ...(issuer === undefined ? {} : { issuer: at(issuer).replace(/\/$/, '') }),
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
  const named = kept[member]?.replace(/(?<!\/)\/+$/, '')
  if (named === undefined) return undefined
  if (base !== undefined) return named === base ? named : undefined
  if (!hostAllowed(connector, named)) return undefined
  // Paths of methods are appended to it, so it is an origin, in the one spelling that the URL standard gives it.
  const { origin, href } = new URL(named)
  return href === `${origin}/` ? origin : undefined
}

/**
 * Where to ask who has connected.
 * @returns undefined when the system cannot say, or when the grant names a host that is not the system's.
 */
export function identityUrl(
  connector: Connector,
  base: string | undefined,
  kept: { readonly [member: string]: string },
): string | undefined {
  const { url } = connector.auth.identity ?? {}
  if (url === undefined) return undefined
  const member = placeholder.exec(url)?.[1]
  if (member === undefined) return base === undefined ? url : base + new URL(url).pathname
  const named = kept[member]
  if (named === undefined || !URL.canParse(named)) return undefined
  const trusted = base === undefined ? hostAllowed(connector, named) : new URL(named).href.startsWith(`${base}/`)
  return trusted ? named : undefined
}
