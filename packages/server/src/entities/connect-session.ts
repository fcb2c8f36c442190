/**
 * @module
 * A connect session: an invitation for one person to connect one account, and its progress.
 */

/**
 * `open` until a browser begins; then `bound` to that browser, with or without a trip to the system under way;
 * `exchanging` while a code is redeemed; `review` while the person looks at who they are there; `storing`; and at the
 * end `connected` or `cancelled`.
 */
export type ConnectStatus = 'open' | 'bound' | 'exchanging' | 'review' | 'storing' | 'connected' | 'cancelled'

export interface ConnectSession {
  /** `cs_` and 16 base62 characters; safe to log, opens nothing. */
  readonly id: string
  readonly tenant: string
  readonly system: string
  /** The account to connect again; undefined makes a new one. Once connected, the account. */
  readonly accountId: string | undefined
  readonly label: string | undefined
  /** Every scope that is asked for, required ones first. */
  readonly scopes: readonly string[]
  readonly returnUrl: string | undefined
  readonly status: ConnectStatus
  /** Why the last try came to nothing; a word. */
  readonly reason: string | undefined
  /** The browser it is bound to. */
  readonly cookieHash: string | undefined
  /** The code verifier or the grant under review, sealed. */
  readonly sealed: string | undefined
  /** Epoch milliseconds: when the step under way ends, when the session was made, when its link stops to open. */
  readonly stepUntil: number
  readonly createdAt: number
  readonly expiresAt: number
}
