/**
 * @module
 * A signed assertion that stands for a user's grant (RFC 7523 §3), with RS256 (RFC 7518 §3.3).
 */
import { createPrivateKey, randomUUID, sign } from 'node:crypto'

export interface AssertionClaims {
  readonly clientId: string
  /** The user it is for. */
  readonly subject: string
  readonly audience: string
  /** PEM. */
  readonly privateKey: string
}

/** Systems accept three to five minutes; ours is used at once. */
const LIFETIME_S = 180

/** @param now epoch milliseconds */
export function jwtAssertion({ clientId, subject, audience, privateKey }: AssertionClaims, now: number): string {
  const issuedAt = Math.floor(now / 1000)
  const claims = {
    iss: clientId,
    sub: subject,
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_S,
    jti: randomUUID(),
  }
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

/** True for a PEM private key of RSA with at least 2,048 bits (NIST SP 800-131A). */
export function isSigningKey(pem: string): boolean {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  } catch {
    return false
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
