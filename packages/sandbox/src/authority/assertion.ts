/**
 * @module
 * Signed assertions that stand for a grant (RFC 7523): who made one, and whether it is good. Nothing is shared with
 * those who make them.
 */
import { createVerify } from 'node:crypto'

/** What an assertion must say. */
export interface ExpectedAssertion {
  /** PEM, as registered for the client. */
  readonly publicKey: string
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  /** Epoch milliseconds. */
  readonly now: number
}

/** The vendor refuses assertions that live longer. */
const LONGEST_S = 300

/** The `iss` of an assertion, before anything is checked. */
export function issuerOf(assertion: string): string | undefined {
  const issuer = claimsOf(assertion)?.['iss']
  return typeof issuer === 'string' ? issuer : undefined
}

export function isGoodAssertion(assertion: string, expected: ExpectedAssertion): boolean {
  const [head = '', body = '', signature = ''] = assertion.split('.')
  const claims = claimsOf(assertion)
  if (!claims || decode(head)?.['alg'] !== 'RS256') return false
  const signed = createVerify('RSA-SHA256').update(`${head}.${body}`)
  if (!signed.verify(expected.publicKey, signature, 'base64url')) return false
  const seconds = expected.now / 1000
  const expires = Number(claims['exp'])
  return (
    claims['iss'] === expected.issuer &&
    claims['sub'] === expected.subject &&
    expected.audiences.includes(String(claims['aud'])) &&
    expires > seconds &&
    expires <= seconds + LONGEST_S
  )
}

function claimsOf(assertion: string): { readonly [name: string]: unknown } | undefined {
  const parts = assertion.split('.')
  return parts.length === 3 ? decode(parts[1] ?? '') : undefined
}

function decode(part: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}
