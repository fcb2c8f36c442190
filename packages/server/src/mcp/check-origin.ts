/**
 * @module
 * Defence against DNS rebinding and pages of other sites: checks the `Host` and `Origin` headers of a request.
 */
import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server'

/** Host names without ports; IPv6 in brackets. */
export interface AllowedOrigins {
  /** What the `Host` header may say. */
  readonly hosts: readonly string[]
  /**
   * Whose pages may call. Clients that are not browsers send no `Origin` and are not held to it. Left out, the caller
   * has judged the origin itself.
   */
  readonly origins?: readonly string[]
}

/** Names under which a machine calls itself. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** The refusal (403, without a word about what would be allowed), or undefined when the request may proceed. */
export function checkOrigin(request: Request, allowed: AllowedOrigins): Response | undefined {
  const host = request.headers.get('host') ?? new URL(request.url).host
  const isKnownHost = validateHostHeader(host.toLowerCase(), [...allowed.hosts]).ok
  const { origins } = allowed
  const isKnownOrigin = !origins || validateOriginHeader(request.headers.get('origin'), [...origins]).ok
  if (isKnownHost && isKnownOrigin) return undefined
  const refused = isKnownHost ? 'Origin' : 'Host'
  return Response.json(
    { jsonrpc: '2.0', error: { code: -32_600, message: `Cannot answer: this ${refused} is not allowed` }, id: null },
    { status: 403 },
  )
}
