/**
 * @module
 * The rows of every table, in the subset of SQL that SQLite and PostgreSQL share: times are epoch milliseconds that the
 * application passes in, structures are JSON text, flags are absent or present values. Secrets stand in them as hashes,
 * or sealed. `migrations/` creates the tables.
 */
import type { Generated } from 'kysely'

export interface Tables {
  account: AccountTable
  account_secret: AccountSecretTable
  account_identity: AccountIdentityTable
  grant_revocation: GrantRevocationTable
  connect_session: ConnectSessionTable
  outbox: OutboxTable
  webhook_endpoint: WebhookEndpointTable
  webhook_delivery: WebhookDeliveryTable
  mcp_server: McpServerTable
  api_token: ApiTokenTable
  audit: AuditTable
  quota_budget: QuotaStateTable
  url_calls: UrlCallsTable
  audit_head: AuditHeadTable
  audit_key: AuditKeyTable
  meta: MetaTable
  made_write: IdempotencyKeyTable
  approval: ApprovalTable
}

export interface AccountTable {
  id: string
  tenant: string
  system: string
  label: string
  status: 'active' | 'needs_reauth' | 'disconnected' | 'quarantined'
  reason: string | null
  /** JSON array, or null when the system does not say. */
  scopes: string | null
  api_base: string
  /** Counts the grants that were stored; every write of a secret raises it. */
  ver: number
  /** When the access token stops working. */
  expires_at: number
  /** From when on it is replaced: some time before, spread so that accounts do not come all at once. */
  refresh_at: number
  lease_owner: string | null
  lease_until: number
  /** Refresh attempts begun since the last stored grant. More than one means an earlier one never reported back. */
  attempts: number
  created_at: number
  /** Last use, noted once a day. */
  used_at: Generated<number>
  /** Before this moment no process asks the system again. */
  retry_at: Generated<number>
  failures: Generated<number>
  /** When the first of the unfinished attempts began. */
  attempted_at: Generated<number>
  /** When the system first said that the grant is gone, not yet confirmed. */
  suspect_at: Generated<number>
  /** 1 when the stored grant came from sending a refresh token again whose first answer never arrived. */
  replayed: Generated<number>
  /** Counts how often the account has needed a new grant; each time is announced once. */
  epoch: Generated<number>
}

export interface AccountSecretTable {
  account_id: string
  kid: number
  sealed: Uint8Array
  ver: number
  /** Hash of the refresh token; null when there is none, or when it was stored before there were marks. */
  mark: string | null
}

export interface AccountIdentityTable {
  account_id: string
  org_id: string
  user_id: string
  org: string
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

export interface ConnectSessionTable {
  id: string
  tenant: string
  system: string
  /** The account to connect again; null makes a new one. Once done, the account that was connected. */
  account_id: string | null
  label: string | null
  /** JSON array of the scopes that are asked for. */
  scopes: string
  return_url: string | null
  token_hash: string
  status: 'open' | 'bound' | 'exchanging' | 'review' | 'storing' | 'connected' | 'cancelled'
  /** Why the last try came to nothing; a word. */
  reason: string | null
  /** The browser that may go on; null until one has begun. */
  cookie_hash: string | null
  state_hash: string | null
  /** The code verifier, and later the grant under review, in base64url. */
  sealed: string | null
  /** When the step that is under way ends. */
  step_until: number
  created_at: number
  /** When the link stops to open. */
  expires_at: number
}

export interface OutboxTable {
  id: string
  tenant: string
  account_id: string
  epoch: number
  kind: 'account.needs_reauth' | 'account.recovered'
  payload: string
  created_at: number
}

export interface WebhookEndpointTable {
  id: string
  tenant: string
  url: string
  kid: number
  /** The sealed signing secret in base64url. */
  sealed: string
  created_at: number
  disabled_at: number | null
}

export interface WebhookDeliveryTable {
  id: string
  event_id: string
  endpoint_id: string
  attempts: number
  next_at: number
  lease_owner: string | null
  lease_until: number
  done_at: number | null
  outcome: 'delivered' | 'given_up' | 'disabled' | null
}

/** Columns of whatever is opened by a token that can be replaced. */
export interface RotatedColumns {
  /** The token before the current one; null when there is none. */
  old_hash: string | null
  /** Until when the old one still opens. */
  old_until: number
}

export interface McpServerTable extends RotatedColumns {
  id: string
  tenant: string
  /** The first of its accounts. */
  account_id: string
  /** JSON array of the ids of the others; null when there is only the one. */
  other_accounts: Generated<string | null>
  name: string
  config: string
  token_hash: string
  created_at: number
  expires_at: number
  revoked_at: number | null
  // Of a URL that was derived from another one; all null for one that an administrator has issued.
  /** JSON array of the configurations it comes from, nearest first: each of them holds too. */
  wider: Generated<string | null>
  parent_id: Generated<string | null>
  /** The URL that an administrator has issued, the root of its ancestors. */
  root_id: Generated<string | null>
  /** JSON array of {@link AncestorLink}, nearest first. */
  line: Generated<string | null>
}

/** An ancestor of a URL, and the hash of the token with which it was opened when the next one was derived. */
export interface AncestorLink {
  readonly id: string
  readonly hash: string
}

export interface ApiTokenTable extends RotatedColumns {
  id: string
  tenant: string | null
  name: string
  scopes: string
  token_hash: string
  created_at: number
  revoked_at: number | null
}

export interface AuditTable {
  /** Over all tenants, without gaps while no row is pruned; chosen by the writer, because the chain covers it. */
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

/** Of an account's quotas. Without the row, a window is counted from nothing again. */
export interface QuotaStateTable {
  /** The account's id, or the name of the organisation whose quota several accounts share. */
  account_id: string
  /** Raised by every write; a write is conditional on the version that was read. */
  ver: number
  /** JSON: one member per bucket. Written and read by `quota/` only. */
  state: string
}

/** One row a URL with a daily limit. */
export interface UrlCallsTable {
  server_id: string
  /** Days since the epoch, UTC. */
  day: number
  calls: number
}

export interface MetaTable {
  key: string
  value: string
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
  /** 1 when a person must decide at the server before it can be used. */
  needs_decision: number
  decision: 'approved' | 'refused' | null
  decided_by: string | null
  decided_at: number | null
  used_at: number | null
  /** Sealed, in base64url; null when no decision is needed here, or it was made. */
  details: string | null
}
