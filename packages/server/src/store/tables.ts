/**
 * @module
 * The tables, in the subset of SQL that SQLite and PostgreSQL share: times are epoch milliseconds that the
 * application passes in, structures are JSON text, flags are absent or present values.
 */
import type { Generated } from 'kysely'
import type { AuditTables } from './audit-tables.ts'
import type { ConnectTables } from './connect-tables.ts'
import type { LifecycleTables, RotatedColumns } from './lifecycle-tables.ts'
import type { DerivedColumns } from './narrowing-tables.ts'
import type { QuotaTables } from './quota-tables.ts'
import type { UrlCallsTable } from './url-calls.ts'
import type { WritesTables } from './writes-tables.ts'

export interface Tables extends AuditTables, ConnectTables, LifecycleTables, QuotaTables, WritesTables {
  account: AccountTable
  account_secret: AccountSecretTable
  mcp_server: McpServerTable
  api_token: ApiTokenTable
  meta: MetaTable
  url_calls: UrlCallsTable
  outbox: OutboxTable
  webhook_endpoint: WebhookEndpointTable
  webhook_delivery: WebhookDeliveryTable
}

/** The primary key of each table. A new table is a compile error here until it is named, and then it is moved too. */
export const primaryKeys = {
  account: 'id',
  account_secret: 'account_id',
  account_identity: 'account_id',
  grant_revocation: 'account_id',
  connect_session: 'id',
  outbox: 'id',
  webhook_endpoint: 'id',
  webhook_delivery: 'id',
  mcp_server: 'id',
  api_token: 'id',
  audit: 'seq',
  quota_budget: 'account_id',
  url_calls: 'server_id',
  audit_head: 'tenant',
  audit_key: 'tenant',
  meta: 'key',
  made_write: 'id',
  approval: 'id',
} as const satisfies Readonly<Record<keyof Tables, string>>

/** Every table, what is referred to before what refers to it. */
export const tableOrder = Object.keys(primaryKeys) as readonly (keyof Tables)[]

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
  /** Before this moment nobody asks the system again. */
  retry_at: Generated<number>
  failures: Generated<number>
  /** When the first of the unfinished attempts began. */
  attempted_at: Generated<number>
  /** When the system first said that the grant is gone, not yet confirmed. */
  suspect_at: Generated<number>
  /** 1 when the stored grant came from sending a refresh token again whose first answer was never heard. */
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

export interface McpServerTable extends RotatedColumns, DerivedColumns {
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

export interface MetaTable {
  key: string
  value: string
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
