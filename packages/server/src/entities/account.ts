/**
 * @module
 * An integrated account: one customer's grant to one system, without its secrets.
 */
export type AccountStatus = 'active' | 'needs_reauth' | 'disconnected' | 'quarantined'

export interface IntegratedAccount {
  /** `acc_` and 16 base62 characters. */
  readonly id: string
  readonly tenant: string
  /** The connector's id. */
  readonly system: string
  readonly label: string
  readonly status: AccountStatus
  /** Why the status is not `active`; a word, never text from the system. */
  readonly reason: string | undefined
  /** Scopes the system says it granted; undefined when it does not say. */
  readonly scopes: readonly string[] | undefined
  /** Base URL of the system's API for this account, checked against the connector's hosts when it was stored. */
  readonly apiBase: string
  /** Epoch milliseconds. */
  readonly createdAt: number
}
