/**
 * @module
 * The row of an account's shared budget. It outlives no window: without it, a window is counted from nothing again.
 */
export interface QuotaTables {
  quota_budget: QuotaStateTable
}

export interface QuotaStateTable {
  /** The account's id, or the name of the organisation whose quota several accounts share. */
  account_id: string
  /** Raised by every write; a write is conditional on the version that was read. */
  ver: number
  /** JSON: one member per bucket. Written and read by `quota/` only. */
  state: string
}
