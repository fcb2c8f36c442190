/**
 * @module
 * Identifiers and secrets: how they are made, recognised and hashed. Secrets carry a checksum, so that a mistyped or
 * invented one is refused without a look into the store.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { base62Length, randomBase62, toBase62 } from './base62.ts'

/** 62^22 > 2^130: more than the 128 bits the MCP security guidance asks of a capability. */
const SECRET_LENGTH = 22
const CHECKSUM_LENGTH = base62Length(4)

export const newAccountId = (): string => `acc_${randomBase62(16)}`
export const newServerId = (): string => `mcp_${randomBase62(16)}`
export const newApiTokenId = (): string => `tok_${randomBase62(16)}`
export const newConnectSessionId = (): string => `cs_${randomBase62(16)}`
export const newSessionId = (): string => randomBase62(SECRET_LENGTH)
export const newRequestId = (): string => `req_${randomBase62(20)}`

/** The secret part of an MCP URL. Plain base62 and short: some clients make tool names out of the path. */
export function newUrlToken(): string {
  return withChecksum('')
}

/** An API token. The prefix lets secret scanners find a leaked one. */
export function newApiToken(): string {
  return withChecksum('qm_')
}

/** The handle of an approval: its bearer can use it once, for one call. */
export function newApprovalHandle(): string {
  return withChecksum('apr_')
}

export function isApprovalHandle(text: string): boolean {
  return hasChecksum(text, 'apr_')
}

export function isUrlToken(text: string): boolean {
  return hasChecksum(text, '')
}

export function isApiToken(text: string): boolean {
  return hasChecksum(text, 'qm_')
}

/** What is stored in place of a secret. A 130-bit random needs no salt and no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url')
}

export function equalHashes(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Whatever in a text could be or hold one of our secrets, replaced. For log lines and error messages. */
export function redactTokens(text: string): string {
  return text.replace(/(?:qm_|apr_)?[0-9A-Za-z]{28,}/g, '[token]')
}

function withChecksum(prefix: string): string {
  const body = prefix + randomBase62(SECRET_LENGTH)
  return body + checksum(body)
}

function hasChecksum(text: string, prefix: string): boolean {
  if (text.length !== prefix.length + SECRET_LENGTH + CHECKSUM_LENGTH || !text.startsWith(prefix)) return false
  if (!/^[0-9A-Za-z]+$/.test(text.slice(prefix.length))) return false
  const body = text.slice(0, -CHECKSUM_LENGTH)
  return text.slice(-CHECKSUM_LENGTH) === checksum(body)
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return toBase62(bytes)
}
