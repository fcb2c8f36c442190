/**
 * @module
 * Checks the whole audit: every tenant's chain, that no chain has come or gone as a whole, and that nothing stands beside
 * the chains.
 */

import { type ChainHead, INSTALLATION, type StoredEntry } from '../entities/audit-entry.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { AuditStore } from '../store/audit.ts'
import { BEGUN } from './chain.ts'
import { OPEN_FOR_MS } from './open-intents.ts'
import { openKeys } from './tenant-keys.ts'
import { type CheckedChain, verifyChain } from './verify-chain.ts'

export interface VerifiedAudit {
  readonly tenants: readonly CheckedChain[]
  /** Rows that are older than the chain. Nothing protects them. */
  readonly unchained: number
  /** How many of them there were when the chain began. */
  readonly unchainedAtBegin: number
  /** True when every chain is whole and nothing else was found. Open intents do not make it false. */
  readonly sound: boolean
}

export interface VerifyOptions {
  /** Only this tenant's chain. */
  readonly tenant?: string
  /** Heads that were kept outside. */
  readonly anchors?: readonly Pick<ChainHead, 'tenant' | 'seq' | 'hash'>[]
  readonly now?: number
  readonly onRow?: (row: StoredEntry) => void
}

export async function verifyAudit(
  store: AuditStore,
  ring: KeyRing,
  options: VerifyOptions = {},
): Promise<VerifiedAudit> {
  const openBefore = (options.now ?? Date.now()) - OPEN_FOR_MS
  const begun = new Map<string, number>()
  let unchainedAtBegin = 0
  const check = async (tenant: string, onRow?: (row: StoredEntry) => void): Promise<CheckedChain> => {
    const sealed = await store.key(tenant)
    const anchors = options.anchors?.filter((anchor) => anchor.tenant === tenant) ?? []
    const seen = (row: StoredEntry) => {
      onRow?.(row)
      options.onRow?.(row)
    }
    return verifyChain({ store, tenant, keys: sealed && openKeys(ring, sealed), anchors, openBefore, onRow: seen })
  }
  const own = await check(INSTALLATION, (row) => {
    if (row.tool !== BEGUN) return
    if (row.subject === INSTALLATION) unchainedAtBegin += row.records
    else begun.set(row.subject, (begun.get(row.subject) ?? 0) + 1)
  })
  const chains = [own]
  const named = [...begun.keys(), ...(options.anchors ?? []).map(({ tenant }) => tenant)]
  const all = [...new Set([...(await store.tenants()), ...named])].filter((tenant) => tenant !== INSTALLATION).sort()
  for (const tenant of all) {
    if (options.tenant !== undefined && options.tenant !== tenant) continue
    const chain = await check(tenant)
    chains.push(chain.bad || own.bad ? chain : { ...chain, bad: faultOfWhole(chain, begun.get(tenant) ?? 0) })
  }
  const unchained = await store.countUnchained()
  const checked = chains.filter(({ tenant }) => options.tenant === undefined || options.tenant === tenant)
  const sound = unchained === unchainedAtBegin && checked.every(({ bad }) => bad === undefined)
  return { tenants: checked, unchained, unchainedAtBegin, sound }
}

/** The installation's chain names each chain once, when it begins. */
function faultOfWhole({ rows, head }: CheckedChain, begun: number): CheckedChain['bad'] {
  if (begun === 0) return rows > 0 || head ? { tenantSeq: 1, why: 'inserted' } : undefined
  if (rows === 0 && !head) return { tenantSeq: 1, why: 'truncated' }
  return begun > 1 ? { tenantSeq: 1, why: 'deleted' } : undefined
}
