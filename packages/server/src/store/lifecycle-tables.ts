/**
 * @module
 * The rows of taking back: grants that their systems still have to be told about.
 */
export interface LifecycleTables {
  grant_revocation: GrantRevocationTable
}

/** One for each removed account whose secret is still there. Both go together. */
export interface GrantRevocationTable {
  account_id: string
  /** Attempts begun. */
  attempts: number
  next_at: number
  lease_owner: string | null
  lease_until: number
  created_at: number
}

/** Columns of whatever is opened by a token that can be replaced. */
export interface RotatedColumns {
  /** The token before the current one; null when there is none. */
  old_hash: string | null
  /** Until when the old one still opens. */
  old_until: number
}
