/**
 * @module
 * The tables behind writes that are made once and writes that a person approves.
 */
export interface WritesTables {
  made_write: IdempotencyKeyTable
  approval: ApprovalTable
}

export interface IdempotencyKeyTable {
  /** A digest of the URL's id and the idempotency key. */
  id: string
  tenant: string
  server_id: string
  kid: number
  digest: string
  owner: string
  started_at: number
  expires_at: number
  /** The sealed answer in base64url; null until there is one. */
  sealed: string | null
}

export interface ApprovalTable {
  /** The digest of the handle. */
  id: string
  tenant: string
  server_id: string
  tool: string
  kid: number
  digest: string
  created_at: number
  expires_at: number
  /** 1 when somebody must have decided at the server before it can be used. */
  needs_decision: number
  decision: 'approved' | 'refused' | null
  decided_by: string | null
  decided_at: number | null
  used_at: number | null
  /** Sealed, in base64url; null when nobody decides here, or somebody has. */
  details: string | null
}
