/**
 * @module
 * Refuses a request with a token in its query, even a valid one: a query is logged, kept in histories and sent on as
 * a referrer (OAuth 2.1 §5.1.1).
 */
import { isApiToken, isUrlToken } from '../keys/tokens.ts'
import { Problem } from './problem.ts'

/** @throws Problem 400. */
export function refuseTokenInQuery(url: URL): void {
  if (url.search === '') return
  // The states of connecting look like our tokens and open nothing by themselves.
  const isConnecting = /^\/(?:oauth|connect)\//.test(url.pathname)
  const isMcp = url.pathname.startsWith('/mcp/')
  for (const [name, value] of url.searchParams) {
    if (isMcp && name === 'key') continue
    if (isApiToken(value) || (isUrlToken(value) && !isConnecting)) {
      throw new Problem(400, 'A token stands in the query of this address. Send it as Authorization: Bearer.')
    }
  }
}
