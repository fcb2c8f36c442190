/**
 * @module
 * A grant: the tokens a system gave us for one account, and how they are sealed. The seal is bound to tenant, account
 * and version, so a row that was moved, or restored from an older copy, does not open.
 */
import { z } from 'zod'
import type { SealedGrant } from '../store/accounts.ts'
import type { KeyRing } from './key-ring.ts'
import { open, seal } from './seal.ts'

const grantText = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1).optional(),
  /** Epoch milliseconds by our own clock. */
  expiresAt: z.number(),
})

/** Never logged, never serialised outside the vault. */
export type Grant = Readonly<z.infer<typeof grantText>>

export interface GrantOwner {
  readonly tenant: string
  readonly accountId: string
}

export function sealGrant(ring: KeyRing, owner: GrantOwner, ver: number, grant: Grant): SealedGrant {
  const { kid, sealed } = seal(ring, place(owner, ver), Buffer.from(JSON.stringify(grant), 'utf8'))
  return { kid, sealed, ver }
}

/** Undefined when the row does not open: it is not this account's, not this version's, or not ours. */
export function openGrant(ring: KeyRing, owner: GrantOwner, row: SealedGrant): Grant | undefined {
  const plain = open(ring, place(owner, row.ver), row.sealed)
  return plain && grantText.parse(JSON.parse(Buffer.from(plain).toString('utf8')))
}

function place(owner: GrantOwner, ver: number) {
  return { purpose: `vault|${owner.tenant}`, context: `${owner.accountId}|${ver}` }
}

/** Whether the key that sealed a row is missing here: then the installation is at fault, and the row is not. */
export function lacksKey(ring: KeyRing, row: SealedGrant): boolean {
  return ring.opening(row.kid, 'ring-check') === undefined
}
