/**
 * @module
 * The schema's history. A migration that has been released is never edited.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { accountsOfUrlMigration } from './accounts-of-url-migration.ts'
import { approvalDetailsMigration } from './approval-details-migration.ts'
import { auditMigration } from './audit-migration.ts'
import { connectMigration } from './connect-migration.ts'
import type { Dialect } from './dialect.ts'
import { keeperMigration } from './keeper-migration.ts'
import { lifecycleMigration } from './lifecycle-migration.ts'
import { narrowingMigration } from './narrowing-migration.ts'
import { quotaMigration } from './quota-migration.ts'
import { urlCallsMigration } from './url-calls-migration.ts'
import { urlWritesMigration } from './url-writes-migration.ts'
import { writesMigration } from './writes-migration.ts'

const first = ({ bytes, serial, counted }: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('account')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant', 'text', (c) => c.notNull())
      .addColumn('system', 'text', (c) => c.notNull())
      .addColumn('label', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('scopes', 'text')
      .addColumn('api_base', 'text', (c) => c.notNull())
      .addColumn('ver', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('refresh_at', 'bigint', (c) => c.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_until', 'bigint', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('account_by_tenant').on('account').columns(['tenant', 'id']).execute()
    // The ciphertext lives apart: the account row is narrow and is read on every call.
    await db.schema
      .createTable('account_secret')
      .addColumn('account_id', 'text', (c) => c.primaryKey().references('account.id'))
      .addColumn('kid', 'integer', (c) => c.notNull())
      .addColumn('sealed', bytes, (c) => c.notNull())
      .addColumn('ver', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('mcp_server')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('config', 'text', (c) => c.notNull())
      .addColumn('token_hash', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('revoked_at', 'bigint')
      .execute()
    await db.schema.createIndex('mcp_server_by_account').on('mcp_server').column('account_id').execute()
    await db.schema
      .createTable('api_token')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant', 'text')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('scopes', 'text', (c) => c.notNull())
      .addColumn('token_hash', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('revoked_at', 'bigint')
      .execute()
    await db.schema
      .createTable('audit')
      .addColumn('seq', serial, (c) => counted(c.primaryKey()))
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('request_id', 'text', (c) => c.notNull())
      .addColumn('tenant', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('server_id', 'text', (c) => c.notNull())
      .addColumn('tool', 'text', (c) => c.notNull())
      .addColumn('phase', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('ms', 'integer', (c) => c.notNull())
      .addColumn('records', 'integer', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('audit_by_tenant').on('audit').columns(['tenant', 'seq']).execute()
    await db.schema
      .createTable('meta')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute()
  },
})

export const migrations = (dialect: Dialect): Record<string, Migration> => ({
  '0001_accounts_servers_tokens_audit': first(dialect),
  '0002_connect': connectMigration,
  '0003_keeper': keeperMigration,
  '0004_quota': quotaMigration,
  '0005_lifecycle': lifecycleMigration,
  '0006_audit_chain': auditMigration,
  '0007_writes': writesMigration,
  '0008_narrowing': narrowingMigration,
  '0009_accounts_of_url': accountsOfUrlMigration,
  '0010_url_writes': urlWritesMigration,
  '0011_approval_details': approvalDetailsMigration,
  '0012_url_calls': urlCallsMigration,
})
