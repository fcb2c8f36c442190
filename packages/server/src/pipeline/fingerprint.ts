/**
 * @module
 * Tells whether two calls are the same write, without keeping what was written: a digest under a key of the tenant.
 */
import { createHash, createHmac } from 'node:crypto'
import type { KeyRing } from '../keys/key-ring.ts'
import type { BoundCall } from './call.ts'
import { sortedEntries } from './sorted-entries.ts'

export interface Fingerprint {
  /** The key of the ring that it was made with. */
  readonly kid: number
  readonly digest: string
}

/**
 * The fingerprint of a call.
 *
 * @param kid The key of the fingerprint that it will be compared with; the sealing key when there is none yet.
 * Undefined when the ring no longer has it.
 */
export function fingerprintOf(ring: KeyRing, call: BoundCall, kid?: number): Fingerprint | undefined {
  const { tool, input, access } = call
  const purpose = `writes|${access.server.tenant}`
  const { kid: used, key } = kid === undefined ? ring.sealing(purpose) : { kid, key: ring.opening(kid, purpose) }
  if (!key) return undefined
  const args = sortedEntries(Object.entries(input.args))
  const text = JSON.stringify([access.server.id, access.account.id, tool.name, input.id ?? null, args])
  return { kid: used, digest: createHmac('sha256', key).update(text, 'utf8').digest('base64url') }
}

/** The name under which a write is remembered. It does not tell what went into it. */
export function nameOfWrite(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts), 'utf8').digest('base64url')
}
