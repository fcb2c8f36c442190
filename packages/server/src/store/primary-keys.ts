/**
 * @module
 * The tables in the order in which their rows can be copied, and the primary key of each.
 */
import type { Tables } from './schema.ts'

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
