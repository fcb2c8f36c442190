/**
 * @module
 * What Salesforce says when the org's requests are used up, a session is not good, or it is not well itself.
 */
import type { Refusal, VendorContext } from '../vendor.ts'
import { type Fault, Refused, renderRefusal } from './refusal.ts'

/** API requests of the whole org in the last 24 hours. */
export const DAILY_WINDOW = 'daily'

/** Calls that run for 20 seconds or longer at the same time; only a fault can say that there are too many. */
export const CONCURRENT_WINDOW = 'concurrent'

/** Quota refusals have status 403, not 429, and say nothing about when to come back. */
export function refuse(reason: Refusal, context: VendorContext): Response {
  switch (reason.kind) {
    case 'rate_limit':
      return reason.window === CONCURRENT_WINDOW
        ? limited('ConcurrentRequests (Concurrent API Requests) Limit exceeded.', limitInfo(context))
        : limited('TotalRequests Limit exceeded.', spent(context))
    case 'daily_limit':
      return limited('TotalRequests Limit exceeded.', spent(context))
    case 'unauthorized':
      return answer(
        401,
        { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
        { 'www-authenticate': 'Token' },
      )
    case 'server_error':
      return answer(reason.status, serverFault(reason.status), {})
  }
}

/** `api-usage=18/5000`: requests used and allowed in the last 24 hours. */
export function limitInfo(context: VendorContext): string {
  const { limit, remaining } = context.windows.peek(DAILY_WINDOW)
  return `api-usage=${limit - remaining}/${limit}`
}

function spent(context: VendorContext): string {
  const { limit } = context.windows.peek(DAILY_WINDOW)
  return `api-usage=${limit}/${limit}`
}

function limited(message: string, limitInfo: string): Response {
  return answer(403, { message, errorCode: 'REQUEST_LIMIT_EXCEEDED' }, { 'Sforce-Limit-Info': limitInfo })
}

function serverFault(status: number): Fault {
  return status === 503
    ? { message: 'The server is temporarily unavailable', errorCode: 'SERVER_UNAVAILABLE' }
    : { message: 'An unexpected error occurred. Please include this ErrorId', errorCode: 'UNKNOWN_EXCEPTION' }
}

function answer(status: number, fault: Fault, headers: Readonly<Record<string, string>>): Response {
  return renderRefusal(new Refused(status, [fault], headers))
}
