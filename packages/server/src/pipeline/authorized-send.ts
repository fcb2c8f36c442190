/**
 * @module
 * Sends requests to the system with the account's token, the account's quota and the call's deadline.
 */
import type { UpstreamRequest, UpstreamResponse } from '@quartermaster/connectors'
import type { IntegratedAccount } from '../entities/account.ts'
import type { Upstream } from '../outbound/upstream.ts'
import type { QuotaLimiter } from '../quota/quota-limiter.ts'
import type { AccessToken } from '../vault/token-source.ts'
import { type CallDeadline, remainingMs } from './call-deadline.ts'

/**
 * @throws UpstreamFault when no whole answer came.
 * @throws QuotaExhausted when it may not be sent now.
 */
export type AuthorizedSend = (request: UpstreamRequest) => Promise<UpstreamResponse>

export interface AuthorizedSendDeps {
  readonly upstream: Upstream
  readonly quota: QuotaLimiter
}

/** @param stop The caller's; left out for what serves other callers too, so that one's hanging up does not stop it. */
export function authorizedSend(
  { upstream, quota }: AuthorizedSendDeps,
  account: IntegratedAccount,
  { value }: AccessToken,
  deadline: CallDeadline,
  stop?: AbortSignal,
): AuthorizedSend {
  return async (request) => {
    const over = await quota.admit(account, request.url)
    try {
      return await upstream.send(
        { ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } },
        { ...(stop ? { signal: stop } : {}), timeoutMs: remainingMs(deadline) },
      )
    } finally {
      over()
    }
  }
}
