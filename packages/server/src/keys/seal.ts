/**
 * @module
 * Authenticated encryption with associated data: AES-256-GCM with a 96-bit random nonce (NIST SP 800-38D). What is
 * sealed opens only in the context it was sealed for.
 *
 * Layout: format (1 byte) · key id (1) · nonce (12) · tag (16) · ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 2 + NONCE_BYTES + TAG_BYTES

/** Where something is sealed: the key's purpose, and the context that must be the same when it is opened. */
export interface SealContext {
  readonly purpose: string
  readonly context: string
}

export function seal(ring: KeyRing, context: SealContext, plain: Uint8Array): { kid: number; sealed: Uint8Array } {
  const { kid, key } = ring.sealing(context.purpose)
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated(kid, context))
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  return { kid, sealed: Buffer.concat([Buffer.from([FORMAT, kid]), nonce, cipher.getAuthTag(), text]) }
}

/** Opens what {@link seal} made; undefined when it was changed, moved, cut, or sealed with a key the ring lacks. */
export function open(ring: KeyRing, context: SealContext, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < HEADER_BYTES || sealed[0] !== FORMAT) return undefined
  const kid = sealed[1] as number
  const key = ring.opening(kid, context.purpose)
  if (!key) return undefined
  const nonce = sealed.subarray(2, 2 + NONCE_BYTES)
  // Without authTagLength, Node accepts tags as short as four bytes (DEP0182).
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(associated(kid, context))
  decipher.setAuthTag(sealed.subarray(2 + NONCE_BYTES, HEADER_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

/** The id of the key that sealed something; undefined when it is no seal. */
export function keyOf(sealed: Uint8Array): number | undefined {
  return sealed[0] === FORMAT ? sealed[1] : undefined
}

function associated(kid: number, context: SealContext): Buffer {
  return Buffer.from(`${FORMAT}|${kid}|${context.purpose}|${context.context}`, 'utf8')
}
