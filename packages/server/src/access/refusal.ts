/**
 * @module
 * The reasons why a URL or its second factor is refused. They are for operators; every caller gets the same answer.
 */

/** For the operator's log: a caller is never told more than that it does not work. */
export interface Refused {
  readonly ok: false
  readonly why: WhyRefused
  /** The beginning of the hash of a well-formed URL token, as the store holds it: no way back to the token. */
  readonly url?: string
  readonly serverId?: string
  /** The id of the API token that came as second factor. */
  readonly tokenId?: string
}

export type WhyRefused =
  /** No URL token at all: mistyped, cut off or invented. */
  | 'url_malformed'
  /** Nobody has issued it, or it was replaced by a newer one. */
  | 'url_unknown'
  | 'url_revoked'
  | 'url_expired'
  /** None of its accounts can be served any more. */
  | 'url_without_account'
  | 'factor_missing'
  /** No API token at all. */
  | 'factor_malformed'
  /** Nobody has issued it, or it was replaced by a newer one. */
  | 'factor_unknown'
  | 'factor_revoked'
  | 'factor_without_scope'
  /** In the query, where only a tenant's token with no scope but `runtime` works. */
  | 'factor_not_for_query'
  | 'factor_of_other_tenant'
  | 'too_many_guesses'
