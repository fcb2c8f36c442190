/**
 * @module
 * The failures of an account whose access token cannot be had. Each says who must act: its user, its operator, or the caller who waits.
 */
import { type Failure, FailureError, fail } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'

const reasons: Readonly<Record<string, string>> = {
  revoked: 'the grant was revoked by the user or an administrator',
  expired: 'the grant has expired',
  inactive_user: 'the user who gave the grant is inactive',
  lost_rotation: 'the last refresh was interrupted and its new refresh token was lost',
  no_refresh_token: 'the access token has expired and there is no refresh token',
  token_refused: 'its token, which cannot be renewed, is refused by the system',
  grant_does_not_open: 'its stored grant does not open with the keys of this installation',
  removed: 'it was disconnected',
}

export function needsReauth(accountId: string, account: IntegratedAccount | undefined): FailureError {
  const why = account ? (reasons[account.reason ?? ''] ?? `it is ${account.status}`) : 'it does not exist any more'
  return new FailureError(
    fail(
      'needs_reauth',
      `Cannot use ${accountId}: ${why}`,
      'Do not repeat the call. Tell the user that this account must be connected again.',
    ),
  )
}

/** The failure of an account whose key this process does not have. No user can help; the grant itself is whole. */
export function missingKey(accountId: string): FailureError {
  return new FailureError(
    fail(
      'upstream_unavailable',
      `Cannot use ${accountId}: its grant is sealed with a key that this process does not have`,
      'Wait a minute, then repeat the call once. Tell the operator to check the key ring.',
      { retryAfterS: 60 },
    ),
  )
}

/**
 * The failure of an account whose grant cannot be refreshed now.
 * @param why completes "Cannot refresh the account: …"
 */
export function refreshUnavailable(accountId: string, why: string, waitMs: number): Failure {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1_000))
  const advice = `Wait ${retryAfterS} s, then repeat the same call.`
  return fail('upstream_unavailable', `Cannot refresh ${accountId}: ${why}`, advice, { retryAfterS })
}
