/**
 * @module
 * What a session holds between two steps, sealed: first the code verifier, then the grant under review. A sealed text
 * opens only for its own session and step.
 */
import { z } from 'zod'
import type { ConnectSession } from '../entities/connect-session.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { open, seal } from '../keys/seal.ts'

const pendingGrant = z.object({
  answer: z.object({
    accessToken: z.string(),
    refreshToken: z
      .string()
      .optional()
      .transform((value): string | undefined => value),
    expiresInS: z.number(),
    scopes: z
      .array(z.string())
      .optional()
      .transform((value): readonly string[] | undefined => value),
    kept: z.record(z.string(), z.string()),
  }),
  identity: z.object({ userId: z.string(), user: z.string(), orgId: z.string(), org: z.string() }),
  /** Epoch milliseconds: when the answer came. */
  obtainedAt: z.number(),
})

/** A grant that the user has not confirmed yet. */
export type PendingGrant = z.infer<typeof pendingGrant>

type Owner = Pick<ConnectSession, 'id' | 'tenant'>

export function sealVerifier(ring: KeyRing, session: Owner, verifier: string): string {
  return sealText(ring, session, 'verifier', verifier)
}

export function openVerifier(ring: KeyRing, session: ConnectSession): string | undefined {
  return openText(ring, session, 'verifier')
}

export function sealPending(ring: KeyRing, session: Owner, pending: PendingGrant): string {
  return sealText(ring, session, 'grant', JSON.stringify(pending))
}

export function openPending(ring: KeyRing, session: ConnectSession): PendingGrant | undefined {
  const text = openText(ring, session, 'grant')
  return text === undefined ? undefined : pendingGrant.parse(JSON.parse(text))
}

function sealText(ring: KeyRing, session: Owner, step: string, text: string): string {
  return Buffer.from(seal(ring, place(session, step), Buffer.from(text, 'utf8')).sealed).toString('base64url')
}

function openText(ring: KeyRing, session: ConnectSession, step: string): string | undefined {
  if (session.sealed === undefined) return undefined
  const plain = open(ring, place(session, step), Buffer.from(session.sealed, 'base64url'))
  return plain && Buffer.from(plain).toString('utf8')
}

function place({ id, tenant }: Owner, step: string) {
  return { purpose: `connect|${tenant}`, context: `${id}|${step}` }
}
