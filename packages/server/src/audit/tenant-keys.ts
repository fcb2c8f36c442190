/**
 * @module
 * The audit keys of each tenant: a random secret, made when the tenant's audit begins and kept sealed with the key ring.
 * So they outlive the keys of the ring, and digests of years apart can be compared.
 */
import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { KeyRing } from '../keys/key-ring.ts'
import { open, seal } from '../keys/seal.ts'
import type { AuditStore, SealedKey } from '../store/audit.ts'
import type { TenantKeys } from './chain-row.ts'
import { mac } from './mac.ts'

export interface AuditKeys {
  /**
   * The tenant's keys; made when there are none.
   * @throws AuditKeyLost when the stored secret does not open with this ring.
   */
  of(tenant: string): Promise<TenantKeys>
}

/** The message names the tenant and the number of the key. */
export class AuditKeyLost extends Error {
  override readonly name = 'AuditKeyLost'
}

const CACHED_TENANTS = 10_000

export function auditKeys(store: Pick<AuditStore, 'key' | 'putKey'>, ring: KeyRing): AuditKeys {
  const known = new LRUCache<string, TenantKeys>({ max: CACHED_TENANTS })
  return {
    async of(tenant) {
      const cached = known.get(tenant)
      if (cached) return cached
      let stored = await store.key(tenant)
      if (!stored) {
        await store.putKey(sealed(ring, tenant, randomBytes(32)))
        stored = await store.key(tenant)
      }
      const keys = stored && openKeys(ring, stored)
      if (!keys) {
        throw new AuditKeyLost(
          `Cannot write to the audit of ${tenant}: its key, sealed with key ${stored?.kid ?? 'unknown'}, does not open`,
        )
      }
      known.set(tenant, keys)
      return keys
    },
  }
}

/** The keys behind a sealed secret; undefined when the ring does not open it. */
export function openKeys(ring: KeyRing, stored: SealedKey): TenantKeys | undefined {
  const secret = open(ring, sealContextOf(stored.tenant), Buffer.from(stored.sealed, 'base64url'))
  if (!secret) return undefined
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `quartermaster|audit|${use}`, 32))
  return { chain: mac(derive('chain')), head: mac(derive('head')), digest: createSecretKey(derive('digest')) }
}

/** Seals with the current key of the ring what older ones have sealed. Returns how many were, and how many do not open. */
export async function resealAuditKeys(
  store: Pick<AuditStore, 'keysExcept' | 'replaceKey'>,
  ring: KeyRing,
): Promise<{ readonly resealed: number; readonly unreadable: number }> {
  let unreadable = 0
  const rows = await store.keysExcept(ring.sealing('ring-check').kid)
  for (const was of rows) {
    const secret = open(ring, sealContextOf(was.tenant), Buffer.from(was.sealed, 'base64url'))
    if (secret) await store.replaceKey(was, sealed(ring, was.tenant, secret))
    else unreadable += 1
  }
  return { resealed: rows.length - unreadable, unreadable }
}

function sealed(ring: KeyRing, tenant: string, secret: Uint8Array): SealedKey {
  const { kid, sealed: bytes } = seal(ring, sealContextOf(tenant), secret)
  return { tenant, kid, sealed: Buffer.from(bytes).toString('base64url') }
}

function sealContextOf(tenant: string) {
  return { purpose: `audit|${tenant}`, context: 'chain' }
}
