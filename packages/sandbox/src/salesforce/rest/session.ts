/**
 * @module
 * What every call goes through: the version is one that exists, the session may use the API, and the org has requests
 * left today. Every answer says how many are used.
 */
import type { MiddlewareHandler } from 'hono'
import type { VendorContext, VendorEnv } from '../../vendor.ts'
import { Refused, refused, renderRefusal } from '../refusal.ts'
import { DAILY_WINDOW, limitInfo } from '../refuse.ts'

const OLDEST_VERSION = 60
export const NEWEST_VERSION = 68

/** Longest URI that is looked at, in bytes. */
const MAX_URI = 16_384

export const VERSIONS: readonly number[] = Array.from(
  { length: NEWEST_VERSION - OLDEST_VERSION + 1 },
  (_, index) => OLDEST_VERSION + index,
)

export function session(context: VendorContext): MiddlewareHandler<VendorEnv> {
  return async (call, next) => {
    const { pathname, search } = new URL(call.req.url)
    if (pathname.length + search.length > MAX_URI) throw refused(414, 'URI_TOO_LONG', 'URI Too Long')
    const { grant } = call.env
    // Without a grant the path is one that needs no session, and such calls are not counted.
    if (grant === undefined) return next()
    if (!grant.scopes.some((scope) => scope === 'api' || scope === 'full')) {
      throw new Refused(401, [
        { message: 'This session is not valid for use with the REST API', errorCode: 'INVALID_SESSION_ID' },
      ])
    }
    if (!context.windows.take(DAILY_WINDOW).ok) return context.refuse({ kind: 'rate_limit', window: DAILY_WINDOW })
    const version = /^\/services\/data\/v(\d+)\.(\d+)(?:\/|$)/.exec(pathname)
    if (version !== null && (version[2] !== '0' || !VERSIONS.includes(Number(version[1])))) throw nothingHere()
    await next()
    call.res.headers.set('Sforce-Limit-Info', limitInfo(context))
    return undefined
  }
}

/** What was thrown, as an answer. @throws whatever is not a refusal: that is a fault of the sandbox itself. */
export function renderError(error: Error, context: VendorContext): Response {
  if (!(error instanceof Refused)) throw error
  const response = renderRefusal(error)
  if (error.status !== 401) response.headers.set('Sforce-Limit-Info', limitInfo(context))
  return response
}

export function nothingHere(): Refused {
  return refused(404, 'NOT_FOUND', 'The requested resource does not exist')
}
