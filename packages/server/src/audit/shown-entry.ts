/**
 * @module
 * An audit line as the admin surface and the command line show it.
 */
import type { ChainHead, StoredEntry } from '../entities/audit-entry.ts'

export function shownEntry(entry: StoredEntry) {
  return {
    seq: entry.seq,
    at: new Date(entry.at).toISOString(),
    request_id: entry.requestId,
    tenant: entry.tenant,
    tenant_seq: entry.tenantSeq ?? null,
    actor: entry.actor,
    account_id: entry.accountId,
    server_id: entry.serverId,
    subject: entry.subject,
    tool: entry.tool,
    phase: entry.phase,
    outcome: entry.outcome,
    ms: entry.ms,
    records: entry.records,
    times: entry.times,
    shape: entry.shape === '' ? [] : entry.shape.split(','),
    digest: entry.digest,
    tool_hash: entry.toolHash,
    hash: entry.hash ?? null,
  }
}

export function shownHead({ tenant, seq, hash, at, mac }: ChainHead) {
  return { tenant, seq, hash, at: new Date(at).toISOString(), mac }
}
