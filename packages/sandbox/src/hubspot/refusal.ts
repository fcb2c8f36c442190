/**
 * @module
 * What HubSpot says when a quota is used up, a token is not good, or it is not well itself.
 */
import type { Refusal, VendorContext } from '../vendor.ts'
import { Problem, renderProblem } from './problem.ts'

/** The window of all calls but searches. */
export const tenSecondly = 'ten_secondly'
/** The window of searches. */
export const search = 'search'

const policies: { readonly [window: string]: readonly [policyName: string, message: string] } = {
  [tenSecondly]: ['TEN_SECONDLY_ROLLING', 'You have reached your ten_secondly_rolling limit.'],
  [search]: ['SECONDLY', 'You have reached your secondly limit.'],
  daily: ['DAILY', 'You have reached your daily limit.'],
}

/** The response to a call that is not answered. */
export function refusal(reason: Refusal, context: VendorContext): Response {
  switch (reason.kind) {
    case 'rate_limit':
      return limited(reason.window ?? tenSecondly, reason.retryAfterS, context)
    case 'daily_limit':
      return limited('daily', undefined, context)
    case 'unauthorized':
      return renderProblem(unauthorized(reason.state, reason.expiresAt, context.now()))
    case 'server_error':
      return renderProblem(new Problem(reason.status, { message: 'internal error', category: 'INTERNAL_ERROR' }))
  }
}

/** The quota headers of everything but search, whose bucket has none. */
export function quotaHeaders({ windows }: VendorContext): { readonly [name: string]: string } {
  const { windowMs } = windows.get(tenSecondly)
  const { limit, remaining } = windows.peek(tenSecondly)
  return {
    'X-HubSpot-RateLimit-Interval-Milliseconds': String(windowMs),
    'X-HubSpot-RateLimit-Max': String(limit),
    'X-HubSpot-RateLimit-Remaining': String(remaining),
  }
}

function limited(window: string, retryAfterS: number | undefined, context: VendorContext): Response {
  const [policyName, message] = policies[window] ?? [window.toUpperCase(), `You have reached your ${window} limit.`]
  const period = window === 'daily' ? 'daily' : window === search ? 'secondly' : 'ten-secondly'
  const body = {
    status: 'error',
    message,
    errorType: 'RATE_LIMIT',
    correlationId: crypto.randomUUID(),
    policyName,
    groupName: `publicapi:oauth-api-calls-${period}:${context.account.accountId}`,
  }
  const headers = new Headers(window === search ? {} : { ...quotaHeaders(context), ...spent(window) })
  if (retryAfterS !== undefined) headers.set('Retry-After', String(retryAfterS))
  return Response.json(body, { status: 429, headers })
}

function spent(window: string): { readonly [name: string]: string } {
  return window === tenSecondly ? { 'X-HubSpot-RateLimit-Remaining': '0' } : {}
}

function unauthorized(state: 'missing' | 'unknown' | 'expired', expiresAt: number, now: number): Problem {
  if (state === 'expired') {
    const seconds = Math.max(0, Math.floor((now - expiresAt) / 1000))
    return new Problem(401, {
      message: `The OAuth token used to make this call expired ${seconds} second(s) ago.`,
      category: 'EXPIRED_AUTHENTICATION',
      context: { 'expire time': [new Date(expiresAt).toISOString()] },
    })
  }
  return new Problem(401, {
    message:
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    category: 'INVALID_AUTHENTICATION',
  })
}
