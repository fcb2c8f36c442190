/**
 * @module
 * The words of a refresh: how an attempt can end, the state that it saw, and what can follow.
 */
import type { TokenAnswer } from '../oauth/read-token-answer.ts'
import type { DeadReason } from '../oauth/token-error.ts'
import type { GrantState, GrantTimes } from '../store/accounts.ts'
import type { LeaseRelease } from '../store/refreshes.ts'
import type { Grant } from './grant.ts'
import type { RefreshEvent } from './refresh-deps.ts'

/** How an attempt ended. The comment says what the authorization server has done. */
export type RefreshOutcome =
  /** It issued tokens. `apiBase` is there when they name a host of the API: undefined when it is not the system's. */
  | {
      readonly kind: 'issued'
      readonly answer: TokenAnswer
      readonly from: Grant
      readonly apiBase?: { readonly named: string | undefined }
    }
  /** It says that the grant is gone. */
  | { readonly kind: 'dead'; readonly reason: DeadReason }
  /** Another process is refreshing the same grant at this moment. */
  | { readonly kind: 'contention' }
  /** It refused this installation's client. `waitMs` is how long the circuit stays open. */
  | { readonly kind: 'client_refused'; readonly waitMs: number }
  /** It has not acted: it said so, or the request never left. The refresh token is as good as before. */
  | { readonly kind: 'not_acted'; readonly atLeastMs: number }
  /** The request went out and no usable answer came: the refresh token may have been replaced. */
  | { readonly kind: 'unknown' }
  /** Nothing was sent, because the lease would have ended before the answer. */
  | { readonly kind: 'out_of_time' }
  /** Nothing was sent, because the scheduler leaves the account alone until then. */
  | { readonly kind: 'postponed'; readonly until: number }
  /** Nothing was sent, because this installation has no client for the system, or its circuit is open. */
  | { readonly kind: 'no_client' }
  | { readonly kind: 'circuit_open'; readonly waitMs: number }
  /** Nothing was sent, because the grant cannot be renewed, does not open, or its key is not in the key ring. */
  | { readonly kind: 'not_renewable'; readonly reason: 'no_refresh_token' | 'token_refused' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'key_missing' }

/** The state that the attempt saw. */
export interface SeenState {
  readonly row: GrantState
  /** Epoch milliseconds: when the attempt began, and its lease. */
  readonly startedAt: number
  /** Attempts begun since the last stored grant, this one included. */
  readonly attempts: number
  /** The system has refused the access token. */
  readonly rejected: boolean
  /** As of `Authority.graceMs`. */
  readonly graceMs: number
  /** 0 to 1: spreads the waits. */
  readonly random: number
}

export type GrantWrite =
  /** Ends the lease, if one is held, and says when the account is due again. */
  | ({ readonly op: 'release_lease' } & LeaseRelease)
  /** Ends the lease, if one is held, as if it had never been taken. */
  | { readonly op: 'undo_lease' }
  /** Only the user can help. Conditional on the version. */
  | { readonly op: 'mark_needs_reauth'; readonly reason: string; readonly at: number; readonly probeAt: number }
  /** The stored grant is set aside. Conditional on the version. */
  | { readonly op: 'quarantine' }
  /** Conditional on the lease and the version. */
  | {
      readonly op: 'store_grant'
      readonly grant: Grant
      readonly times: GrantTimes
      readonly scopes?: readonly string[]
      readonly apiBase?: string
      readonly healedAt?: number
    }

export type RefreshResult =
  | { readonly outcome: 'refreshed' }
  /** The row is not as it was read: read it again. */
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'contended' }
  /** The lease is not held any more. */
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'key_missing' }
  | { readonly outcome: 'unavailable'; readonly why: string; readonly waitMs: number }

export interface NextState {
  readonly write: GrantWrite
  /** Reported when the write has taken effect. */
  readonly event?: Pick<RefreshEvent, 'outcome' | 'changed'>
  readonly result: RefreshResult
}
