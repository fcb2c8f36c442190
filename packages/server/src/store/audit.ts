/**
 * @module
 * The audit table: appended to in batches, read by tenant, newest last. There is no way to change a row.
 */
import type { Kysely } from 'kysely'
import type { AuditEntry } from '../audit/entry.ts'
import type { Dialect } from './dialect.ts'
import type { Tables } from './tables.ts'

export interface AuditStore {
  /** Durable when it resolves: one transaction for the whole batch. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Entries after `after`, oldest first. */
  read(tenant: string | undefined, after: number, limit: number): Promise<readonly (AuditEntry & { seq: number })[]>
}

export function auditStore(db: Kysely<Tables>, { inTurn }: Dialect): AuditStore {
  return {
    async append(entries) {
      if (entries.length === 0) return
      const rows = entries.map((entry) => ({
        at: entry.at,
        request_id: entry.requestId,
        tenant: entry.tenant,
        account_id: entry.accountId,
        server_id: entry.serverId,
        tool: entry.tool,
        phase: entry.phase,
        outcome: entry.outcome,
        ms: entry.ms,
        records: entry.records,
      }))
      await inTurn(db, (tx) => tx.insertInto('audit').values(rows).execute())
    },
    async read(tenant, after, limit) {
      const newer = db.selectFrom('audit').selectAll().where('seq', '>', after).orderBy('seq').limit(limit)
      const rows = await (tenant === undefined ? newer : newer.where('tenant', '=', tenant)).execute()
      return rows.map((row) => ({
        seq: row.seq,
        at: row.at,
        requestId: row.request_id,
        tenant: row.tenant,
        accountId: row.account_id,
        serverId: row.server_id,
        tool: row.tool,
        phase: row.phase,
        outcome: row.outcome,
        ms: row.ms,
        records: row.records,
      }))
    },
  }
}
