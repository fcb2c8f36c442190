/**
 * @module
 * What a refused token request means. The classes follow RFC 6749 §5.2; systems that speak otherwise say so in their
 * connector file.
 */
import type { TokenErrorRule } from '@quartermaster/connectors'

/**
 * - `dead`: the grant is gone; only the user can give a new one.
 * - `contention`: another process is refreshing this grant at this moment; look again shortly.
 * - `operator`: this installation's client is refused; no account is to blame.
 * - `transient`: the system is busy or broken and has not acted; the same request may succeed later.
 * - `unknown`: no usable answer came, and the system may have acted on the request.
 */
export type TokenErrorClass = 'dead' | 'contention' | 'operator' | 'transient' | 'unknown'

/** Why a grant is dead, as far as the system says. */
export type DeadReason = 'revoked' | 'expired' | 'inactive_user'

/** Classifies by the connector's own rules first, in their order, then by RFC 6749. */
export function classifyTokenError(status: number, body: unknown, rules: readonly TokenErrorRule[]): TokenErrorClass {
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  for (const rule of rules) {
    const text = members[rule.member]
    if (typeof text === 'string' && text.toLowerCase().includes(rule.includes.toLowerCase())) return rule.means
  }
  if (status === 429 || status === 503) return 'transient'
  // A gateway that gave up waiting says nothing about what happened behind it.
  if (status >= 500) return 'unknown'
  const error = members['error']
  if (error === 'invalid_grant') return 'dead'
  if (error === 'invalid_client' || error === 'unauthorized_client' || error === 'unsupported_grant_type')
    return 'operator'
  if (error === 'invalid_request') return 'operator'
  // An answer that is not an OAuth error says nothing about the grant, so it must not cost the account. Neither does
  // `invalid_scope`, which one account can be to blame for: it must not stop the refreshes of all the others.
  return 'transient'
}

/** Reads the reason out of a refusal that means `dead`; a word of ours, never text from the system. */
export function deadReason(body: unknown): DeadReason {
  const members = typeof body === 'object' && body !== null ? Object.values(body) : []
  const text = members.filter((value) => typeof value === 'string').join(' ')
  if (/\binactive\b|_inactive|inactive_/i.test(text)) return 'inactive_user'
  // An answer that offers both ("expired or revoked") does not know; then the commoner one is named.
  return /\bexpired\b/i.test(text) && !/revoked/i.test(text) ? 'expired' : 'revoked'
}
