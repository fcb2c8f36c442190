/**
 * @module
 * What a row of the chain and its signed end are made of: a keyed hash (HMAC-SHA256, RFC 2104) over every column and
 * over the hash before. Who can write to the database but has no key can change nothing unseen.
 */
import type { KeyObject } from 'node:crypto'
import type { ChainHead, StoredEntry } from '../entities/audit-entry.ts'
import { equalHashes } from '../keys/tokens.ts'
import type { Mac } from './mac.ts'

/** Stands before the first row of a tenant. */
export const NO_ROW_BEFORE = ''

/** One secret a tenant, three uses that cannot be taken for each other. */
export interface TenantKeys {
  readonly chain: Mac
  readonly head: Mac
  /** May be given to an auditor, who then recognises equal arguments but can sign nothing. */
  readonly digest: KeyObject
}

/** The hash of a row: over all its columns but the hash itself, in a fixed order, and the hash of the row before. */
export function rowHash(keys: TenantKeys, row: Omit<StoredEntry, 'hash'>, before: string): string {
  // JSON leaves one way only to write an array of texts and numbers, so two different rows never look the same.
  const text = JSON.stringify([
    1,
    before,
    row.tenant,
    row.tenantSeq,
    row.seq,
    row.at,
    row.requestId,
    row.actor,
    row.accountId,
    row.serverId,
    row.subject,
    row.tool,
    row.phase,
    row.outcome,
    row.ms,
    row.records,
    row.times,
    row.shape,
    row.digest,
    row.toolHash,
  ])
  return keys.chain(text)
}

export function signHead(keys: TenantKeys, head: Omit<ChainHead, 'mac'>): ChainHead {
  const { tenant, seq, hash, at } = head
  return { tenant, seq, hash, at, mac: headMac(keys, head) }
}

/** Whether both are the same in all but the tenant. Nothing in a stored head is a secret. */
export function isSame(one: ChainHead, other: ChainHead): boolean {
  return one.mac === other.mac && one.hash === other.hash && one.seq === other.seq && one.at === other.at
}

export function isSigned(keys: TenantKeys, head: ChainHead): boolean {
  return equalHashes(head.mac, headMac(keys, head))
}

function headMac(keys: TenantKeys, { tenant, seq, hash, at }: Omit<ChainHead, 'mac'>): string {
  return keys.head(JSON.stringify([1, tenant, seq, hash, at]))
}
