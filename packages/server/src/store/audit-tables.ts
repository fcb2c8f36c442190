/**
 * @module
 * The rows of the audit: what happened, where each tenant's chain ends, and the sealed key that the chain is made with.
 */
export interface AuditTables {
  audit: AuditTable
  audit_head: AuditHeadTable
  audit_key: AuditKeyTable
}

export interface AuditTable {
  /** Over all tenants, without gaps while nobody prunes; chosen by the writer, because the chain covers it. */
  seq: number
  at: number
  request_id: string
  tenant: string
  account_id: string
  server_id: string
  tool: string
  phase: 'intent' | 'outcome'
  outcome: string
  ms: number
  records: number
  /** From 1 within a tenant; null in rows that are older than the chain. */
  tenant_seq: number | null
  actor: string
  subject: string
  times: number
  shape: string
  digest: string
  tool_hash: string
  /** Null in rows that are older than the chain. */
  hash: string | null
}

export interface AuditHeadTable {
  tenant: string
  seq: number
  hash: string
  at: number
  mac: string
}

export interface AuditKeyTable {
  tenant: string
  kid: number
  /** In base64url. */
  sealed: string
}
