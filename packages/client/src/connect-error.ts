/**
 * @module
 * Why there is no connection, or no list of tools, as a code. Messages name the server's origin and never the path, because
 * the path is the key.
 */
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client'
import { AnswerTooLarge, HttpRateLimited, RedirectRefused } from './guarded-fetch.ts'

/**
 * - `unauthorized`: HTTP 401; the URL or the API token does not open anything, or no longer.
 * - `rate_limited`: HTTP 429; `retryAfterS` says when to come back, if the server did.
 * - `http_error`: any other status, in `status`.
 * - `redirected`: the server sends elsewhere, and the token goes nowhere else.
 * - `timeout`, `cancelled`: no answer in time; the signal ended it.
 * - `unreachable`: nothing answers there.
 * - `refused`: the server is an MCP server and refused.
 * - `invalid_answer`: something answered, but not as an MCP server, or with more than the size limit.
 * - `too_many_tools`: a list that no model could use.
 */
export type ConnectCode =
  | 'unauthorized'
  | 'rate_limited'
  | 'http_error'
  | 'redirected'
  | 'timeout'
  | 'cancelled'
  | 'unreachable'
  | 'refused'
  | 'invalid_answer'
  | 'too_many_tools'

export interface ConnectFault {
  readonly code: ConnectCode
  readonly words: string
  /** Of HTTP, when a response came. */
  readonly status?: number
  readonly retryAfterS?: number
}

/** There is no connection, or no list of tools. Nothing was called. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError'
  readonly code: ConnectCode
  readonly status: number | undefined
  /** Seconds. */
  readonly retryAfterS: number | undefined

  constructor(what: string, { code, words, status, retryAfterS }: ConnectFault, cause?: unknown) {
    super(`Cannot ${what}: ${words}`, { cause })
    this.code = code
    this.status = status
    this.retryAfterS = retryAfterS
  }
}

/** The server does not say which: whoever guesses must not learn that a URL exists. */
const closed =
  'the URL is unknown, expired or revoked, or the API token is missing, revoked or of another tenant (HTTP 401)'
export const cancelled: ConnectFault = { code: 'cancelled', words: 'it was cancelled' }
/** As deep as errors are looked into; a chain may be a circle. */
const MAX_CAUSES = 8

/** What an error of the SDK, or one behind it, means. */
export function connectFault(error: unknown): ConnectFault {
  let at = error
  for (let depth = 0; depth < MAX_CAUSES && at instanceof Error; depth += 1) {
    const fault = faultOf(at)
    if (fault) return fault
    at = at.cause
  }
  return { code: 'invalid_answer', words: 'there was no usable answer' }
}

function faultOf(error: Error): ConnectFault | undefined {
  if (error instanceof UnauthorizedError) return { code: 'unauthorized', words: closed, status: 401 }
  if (error instanceof SdkHttpError) {
    const { status } = error
    if (status === 401) return { code: 'unauthorized', words: closed, status }
    return status === undefined
      ? undefined
      : { code: 'http_error', words: `the server answered HTTP ${status}`, status }
  }
  if (error instanceof HttpRateLimited) return rateLimited(error)
  if (error instanceof RedirectRefused)
    return { code: 'redirected', words: 'the server sends elsewhere, which is not followed', status: error.status }
  if (error instanceof AnswerTooLarge) return { code: 'invalid_answer', words: 'the answer is too long to be read' }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return { code: 'timeout', words: 'the server did not answer in time' }
  if (error instanceof ProtocolError) return { code: 'refused', words: 'the server refused the handshake' }
  if (error.name === 'AbortError') return cancelled
  // How fetch says that it got no response at all; its cause holds addresses, so it is not repeated.
  if (error instanceof TypeError && error.message === 'fetch failed')
    return { code: 'unreachable', words: 'nothing answers there; is the server running?' }
  return undefined
}

function rateLimited({ retryAfterS }: HttpRateLimited): ConnectFault {
  const when = retryAfterS === undefined ? '' : `, for another ${retryAfterS} s`
  const fault = {
    code: 'rate_limited',
    words: `the server takes no more requests now${when} (HTTP 429)`,
    status: 429,
  } as const
  return retryAfterS === undefined ? fault : { ...fault, retryAfterS }
}
