/**
 * @module
 * The path of a request for a log: our own words and ids. Every other part was chosen by the caller and could be a
 * secret or a person's name.
 */
import { redactTokens } from '../keys/tokens.ts'

/** Every fixed part of a path there is. */
const words = new Set(
  `api-token approval audit callback connect connect-session explain head healthz integrated-account mcp mcp-server
  messages metrics narrow oauth readyz refresh review revoke rotate sse tenant tools webhook-endpoint`.split(/\s+/),
)
/** `acc_…`, `mcp_…`, `tok_…` and the like: they open nothing. */
const id = /^[a-z]{2,4}_[0-9A-Za-z]{16}$/

export function redactPath(url: string): string {
  const { pathname } = new URL(url)
  // Nothing of ours needs escapes, and one could hide a token from the redaction.
  if (pathname.includes('%')) return '[escaped path]'
  const shown = pathname.split('/').map((part) => {
    if (part === '' || words.has(part) || id.test(part)) return part
    return redactTokens(part) === '[token]' ? '[token]' : '[name]'
  })
  return shown.join('/')
}
