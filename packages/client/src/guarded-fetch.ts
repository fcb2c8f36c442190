/**
 * @module
 * A fetch that talks to one origin only, follows no redirect, reads no more than a size limit, and turns a plain HTTP
 * 429 into an error that knows when to come back.
 */

/** As much of the global `fetch` as a connection uses. */
export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>

/** The server, or something in front of it, answered HTTP 429. */
export class HttpRateLimited extends Error {
  override readonly name = 'HttpRateLimited'
  /** Seconds, when a header says so. */
  readonly retryAfterS: number | undefined

  constructor(retryAfterS: number | undefined) {
    super('Cannot send the request now: the server answered HTTP 429')
    this.retryAfterS = retryAfterS
  }
}

/** The server wants the request to go elsewhere. */
export class RedirectRefused extends TypeError {
  override readonly name = 'RedirectRefused'
  readonly status: number

  constructor(origin: string, status: number) {
    super(`Cannot use the answer of ${origin}: it is a redirect`)
    this.status = status
  }
}

/** The answer is longer than anyone should read into memory. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}

/** Wraps `fetch` so that it serves `origin` and nothing else. Messages never hold a path: the path is the key. */
export function guardedFetch(
  fetch: Fetch,
  origin: string,
  maxBytes: number,
  /** Sees the header fields of every answer. */
  onHeaders?: (headers: Headers) => void,
): Fetch {
  return async (input, init) => {
    const url = new URL(input)
    if (url.origin !== origin) {
      throw new TypeError(`Cannot send a request to ${url.origin}: this connection is for ${origin} only`)
    }
    const response = await fetch(url, { ...init, redirect: 'manual' })
    if (response.redirected || response.type === 'opaqueredirect' || isRedirect(response.status)) {
      await response.body?.cancel()
      throw new RedirectRefused(origin, response.status)
    }
    onHeaders?.(response.headers)
    if (response.status === 429) {
      await response.body?.cancel()
      throw new HttpRateLimited(retryAfter(response.headers))
    }
    return capped(response, maxBytes)
  }
}

const isRedirect = (status: number) => status >= 300 && status < 400

/** `Retry-After` in seconds, also where it is a date (RFC 9110 §10.2.3), else `RateLimit-Reset`. */
function retryAfter(headers: Headers): number | undefined {
  for (const name of ['retry-after', 'ratelimit-reset']) {
    const text = headers.get(name)?.trim()
    if (text && /^\d{1,9}$/.test(text)) return Number(text)
  }
  const until = Date.parse(headers.get('retry-after') ?? '')
  // Counted from the sender's own clock where it tells the time, for ours may be another.
  const since = Date.parse(headers.get('date') ?? '') || Date.now()
  if (!Number.isNaN(until)) return Math.max(0, Math.ceil((until - since) / 1_000))
  return undefined
}

function capped(response: Response, maxBytes: number): Response {
  const tooLarge = () => new AnswerTooLarge(`Cannot read the answer: it is longer than ${maxBytes} bytes`)
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    void response.body?.cancel()
    throw tooLarge()
  }
  if (!response.body) return response
  let seen = 0
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.byteLength
        if (seen > maxBytes) controller.error(tooLarge())
        else controller.enqueue(chunk)
      },
    }),
  )
  const { status, statusText, headers } = response
  return new Response(counted, { status, statusText, headers })
}
