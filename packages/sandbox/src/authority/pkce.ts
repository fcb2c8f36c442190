/**
 * @module
 * Proof Key for Code Exchange, S256 only (RFC 7636).
 */
import { createHash } from 'node:crypto'

/** The S256 challenge of a verifier, RFC 7636 §4.2. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier, 'ascii').digest('base64url')
}
