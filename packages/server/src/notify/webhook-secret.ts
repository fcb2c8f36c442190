/**
 * @module
 * Signing secrets of webhook endpoints: shown once, stored sealed to tenant and endpoint.
 */
import { randomBytes } from 'node:crypto'
import type { KeyRing } from '../keys/key-ring.ts'
import { open, seal } from '../keys/seal.ts'
import type { SealedSecret } from '../store/webhook-endpoints.ts'

export interface SecretOwner {
  readonly tenant: string
  readonly id: string
}

/** `whsec_` and 32 random bytes in base64: the form and the length that Standard Webhooks asks for. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

export function sealSecret(ring: KeyRing, owner: SecretOwner, secret: string): SealedSecret {
  return seal(ring, place(owner), Buffer.from(secret, 'utf8'))
}

/** Undefined when it is not this endpoint's, was changed, or the key is gone. */
export function openSecret(ring: KeyRing, owner: SecretOwner, sealed: Uint8Array): string | undefined {
  const plain = open(ring, place(owner), sealed)
  return plain && Buffer.from(plain).toString('utf8')
}

function place({ tenant, id }: SecretOwner) {
  return { purpose: `webhook|${tenant}`, context: id }
}
