/**
 * @module
 * A grant: the tokens a system gave us for one account, and how they are sealed. The seal is bound to tenant, account
 * and version, so a row that was moved, or restored from an older copy, does not open.
 */
import { z } from 'zod'
import type { KeyRing } from '../keys/key-ring.ts'
import { open, seal } from '../keys/seal.ts'
import { hashToken } from '../keys/tokens.ts'
import type { AccountStore, GrantState, SealedGrant } from '../store/accounts.ts'

const renewal = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('client_credentials'),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    /** The customer's own host of the token endpoint, checked when it was stored. */
    tokenHost: z.string().optional(),
  }),
  z.object({
    kind: z.literal('jwt_bearer'),
    clientId: z.string().min(1),
    subject: z.string().min(1),
    privateKey: z.string().min(1),
  }),
  z.object({ kind: z.literal('static_token') }),
])

/** How the next access token is had, when it is not by a refresh token. */
export type Renewal = Readonly<z.infer<typeof renewal>>

const grantText = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1).optional(),
  renewal: renewal.optional(),
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
  return { kid, sealed, ver, ...(grant.refreshToken === undefined ? {} : { mark: hashToken(grant.refreshToken) }) }
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
export function isKeyMissing(ring: KeyRing, row: SealedGrant): boolean {
  return ring.opening(row.kid, 'ring-check') === undefined
}

export type OpenedGrant =
  | { readonly kind: 'opened'; readonly grant: Grant }
  /** It is not of the version that was seen, or does not open. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'key_missing' }

/** The stored grant, if it is still of the version that was seen. */
export async function openStoredGrant(
  { store, ring }: { readonly store: Pick<AccountStore, 'grant'>; readonly ring: KeyRing },
  { account, ver }: Pick<GrantState, 'account' | 'ver'>,
): Promise<OpenedGrant> {
  const row = await store.grant(account.id)
  const owner = { tenant: account.tenant, accountId: account.id }
  const grant = row && row.ver === ver ? openGrant(ring, owner, row) : undefined
  if (grant) return { kind: 'opened', grant }
  return { kind: row && isKeyMissing(ring, row) ? 'key_missing' : 'unreadable' }
}
