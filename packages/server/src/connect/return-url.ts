/**
 * @module
 * Checks where a user may be sent after connecting: only to an origin that was registered for the tenant, compared
 * character by character.
 */

/** Printable ASCII without space, backslash, quotes and angle brackets: what no two parsers read differently. */
const plain = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?([/?#][\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5b\x5d-\x7e]*)?$/

/** The URL in its normal form; undefined when it does not lead to one of the origins. */
export function allowedReturnUrl(text: string, origins: readonly string[]): string | undefined {
  if (text.length > 2_000 || !plain.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  // The origin must stand there as it was registered: other spellings of it are read differently by others.
  const spelled = text.startsWith(url.origin) && /^([/?#]|$)/.test(text.slice(url.origin.length))
  return spelled && origins.includes(url.origin) ? url.href : undefined
}

/** True for an origin that may be registered: https, or plain http on this machine. */
export function isReturnOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, protocol, hostname } = new URL(text)
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && loopback))
}

/** The return URL with what became of the session. */
export function returnTo(url: string, sessionId: string, result: 'connected' | 'cancelled'): string {
  const target = new URL(url)
  target.searchParams.set('connect_session', sessionId)
  target.searchParams.set('connect_result', result)
  return target.href
}
