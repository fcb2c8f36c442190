/**
 * @module
 * What a person sees who decides about a write at the server: kept sealed under a key of the tenant, until they have.
 */
import { type FieldChange, fieldChange } from '@quartermaster/protocol'
import { z } from 'zod'
import type { KeyRing } from '../keys/key-ring.ts'
import { open, type SealContext, seal } from '../keys/seal.ts'

export interface ApprovalDetails {
  readonly action: string
  readonly changes: readonly FieldChange[]
}

/** Whose it is. */
interface Owner {
  readonly id: string
  readonly tenant: string
}

const details = z.object({ action: z.string(), changes: z.array(fieldChange) })

export function sealDetails(ring: KeyRing, owner: Owner, { action, changes }: ApprovalDetails): Uint8Array {
  return seal(ring, sealContextOf(owner), Buffer.from(JSON.stringify({ action, changes }))).sealed
}

/** Undefined when there is nothing to see any more, or the ring does not open it. */
export function openDetails(
  ring: KeyRing,
  owner: Owner & { readonly details?: Uint8Array },
): ApprovalDetails | undefined {
  const opened = owner.details && open(ring, sealContextOf(owner), owner.details)
  return opened && details.parse(JSON.parse(Buffer.from(opened).toString('utf8')))
}

function sealContextOf({ id, tenant }: Owner): SealContext {
  return { purpose: `writes|${tenant}`, context: `approval|${id}` }
}
