/**
 * @module
 * Which scopes a session asks for: all that the connector requires, and the optional ones that were named or that the
 * later toolset uses. And which of them the account may use in the end.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import { deriveTools } from '../tools/derive-tools.ts'

export interface RequestedScopes {
  /** Optional scopes by name. */
  readonly scopes?: readonly string[]
  /** The configuration of a URL that is to be issued later. */
  readonly toolset?: McpServerConfig
}

/** In the connector's order; or the names that it does not know. */
export function requestedScopes(
  connector: Connector,
  requested: RequestedScopes,
): { readonly scopes: readonly string[] } | { readonly unknown: readonly string[] } {
  const { required, optional } = connector.auth.scopes
  const named = new Set(requested.scopes)
  const unknown = [...named].filter((scope) => !required.includes(scope) && !optional.includes(scope))
  if (unknown.length > 0) return { unknown }
  if (requested.toolset) {
    for (const { method } of deriveTools(connector, requested.toolset, undefined)) {
      for (const scope of method.scopes) named.add(scope)
    }
  }
  return { scopes: [...required, ...optional.filter((scope) => named.has(scope))] }
}

/**
 * What the account may use: the granted scopes that were asked for. A system that does not say has granted what it was
 * asked (RFC 6749 §5.1).
 */
export function usableScopes(granted: readonly string[] | undefined, asked: readonly string[]): readonly string[] {
  return granted === undefined ? asked : asked.filter((scope) => granted.includes(scope))
}
