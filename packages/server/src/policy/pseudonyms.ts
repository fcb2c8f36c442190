/**
 * @module
 * Pseudonyms of one tenant: a token that is the same for the same value, that nobody without the tenant's key can turn
 * back or make, and that needs no table.
 *
 * It is deterministic authenticated encryption by a synthetic IV (Rogaway and Shrimpton, EUROCRYPT 2006): the IV is a
 * 96-bit PRF (HMAC-SHA-256) of kind, scope and value, the rest is AES-256-CTR under that IV. The IV is also the
 * checksum: what was mistyped or made up does not open, but with a chance of 2^-96.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { fromBase62, toBase62 } from '../keys/base62.ts'

/** What a value is, and for ids the account they belong to: the same number is another record elsewhere. */
export interface PseudonymOf {
  /** Part of the token: `contact`, `email`. Lower-case letters and underscores. */
  readonly kind: string
  readonly scope: string
}

export interface Pseudonyms {
  /** Undefined for what is empty. */
  conceal(value: string, of: PseudonymOf): string | undefined
  /** The value; undefined when the token is not of this tenant and scope, was changed, or stands for a long value. */
  reveal(token: string, scope: (kind: string) => string): { readonly kind: string; readonly value: string } | undefined
}

/**
 * Finds tokens in a text. A fresh copy for each use, because a global expression has a memory. A kind is a few short
 * words: without a bound on them, a text of nothing but beginnings would take the square of its length.
 */
export const pseudonymPattern = (): RegExp => /psn_[a-z]{1,32}(?:_[a-z]{1,32}){0,5}_[0-9A-Za-z]{17,150}(?![0-9A-Za-z])/g

/** 96 bits: two of 2^32 values of a tenant share an IV with a chance of 2^-33. */
const IV_BYTES = 12
/** Longer UTF-8 values get a token that is as stable and does not open: it would cost a model more than it is worth. */
const MAX_VALUE_BYTES = 79
/** Values are filled up to whole blocks, so that the length of a token tells little about a name. */
const BLOCK = 16
/** A decimal id without leading zeros below 2^64, as most systems count: eight bytes in place of sixteen. */
const decimalId = /^(?:0|[1-9]\d{0,18})$/
const DECIMAL_BYTES = 8

/** @param secret The tenant's own key material, 32 bytes. */
export function pseudonyms(secret: Uint8Array): Pseudonyms {
  const authenticating = derive(secret, 'iv')
  const encrypting = derive(secret, 'ctr')

  function ivOf(value: string, { kind, scope }: PseudonymOf): Buffer {
    const said = JSON.stringify([kind, scope, value])
    return createHmac('sha256', authenticating).update(said).digest().subarray(0, IV_BYTES)
  }

  return {
    conceal(value, of) {
      const normal = normalise(value, of.kind)
      if (normal === '') return undefined
      const iv = ivOf(normal, of)
      const packed = pack(normal)
      // The counter starts at zero behind the IV; it cannot run over within a token.
      const cipher = packed && createCipheriv('aes-256-ctr', encrypting, Buffer.concat([iv, Buffer.alloc(4)]))
      const hidden = cipher ? Buffer.concat([iv, cipher.update(packed), cipher.final()]) : iv
      return `psn_${of.kind}_${toBase62(hidden)}`
    },
    reveal(token, scope) {
      const match = /^psn_([a-z]+(?:_[a-z]+)*)_([0-9A-Za-z]+)$/.exec(token)
      const kind = match?.[1]
      const bytes = match?.[2] === undefined ? undefined : fromBase62(match[2])
      if (kind === undefined || bytes === undefined || bytes.length <= IV_BYTES) return undefined
      const iv = bytes.subarray(0, IV_BYTES)
      const cipher = createDecipheriv('aes-256-ctr', encrypting, Buffer.concat([iv, Buffer.alloc(4)]))
      const value = unpack(Buffer.concat([cipher.update(bytes.subarray(IV_BYTES)), cipher.final()]))
      // Whatever the bytes say, only a value that gives this very token was ever put into one.
      if (value === undefined || this.conceal(value, { kind, scope: scope(kind) }) !== token) return undefined
      return { kind, value }
    },
  }
}

function derive(secret: Uint8Array, use: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `quartermaster|pseudonym|${use}`, 32)))
}

/** Addresses are compared without case everywhere, so they join across systems; other values are taken as they are. */
function normalise(value: string, kind: string): string {
  const text = value.normalize('NFC').trim()
  return kind === 'email' ? text.toLowerCase() : text
}

function pack(value: string): Buffer | undefined {
  if (decimalId.test(value)) {
    const number = Buffer.alloc(DECIMAL_BYTES)
    number.writeBigUInt64BE(BigInt(value))
    return number
  }
  const text = Buffer.from(value, 'utf8')
  if (text.length > MAX_VALUE_BYTES) return undefined
  // ISO/IEC 7816-4 padding: one bit, then zeros.
  const padded = Buffer.alloc((Math.floor(text.length / BLOCK) + 1) * BLOCK)
  text.copy(padded)
  padded[text.length] = 0x80
  return padded
}

function unpack(bytes: Buffer): string | undefined {
  if (bytes.length === DECIMAL_BYTES) return String(bytes.readBigUInt64BE())
  const end = bytes.lastIndexOf(0x80)
  return end < 0 ? undefined : bytes.subarray(0, end).toString('utf8')
}
