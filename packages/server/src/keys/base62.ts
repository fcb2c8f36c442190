/**
 * @module
 * Bytes as letters and digits only, so that a double click and a model's tokenizer take a token as one word.
 */
import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = 62n
/** Eight digits fit a double exactly; long division goes by chunks of them. */
const CHUNK_DIGITS = 8
const CHUNK = 62 ** CHUNK_DIGITS

/** How many characters so many bytes take; every length of bytes has its own. */
export function base62Length(bytes: number): number {
  return Math.ceil((bytes * 8) / Math.log2(62))
}

/** The same number of characters for the same number of bytes. */
export function toBase62(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
  const length = base62Length(bytes.length)
  let text = ''
  while (text.length < length) {
    let part = Number(rest % BigInt(CHUNK))
    rest /= BigInt(CHUNK)
    for (let digit = 0; digit < CHUNK_DIGITS && text.length < length; digit++) {
      text = ALPHABET[part % 62] + text
      part = Math.floor(part / 62)
    }
  }
  return text
}

/** Undefined for text that {@link toBase62} does not make. */
export function fromBase62(text: string): Buffer | undefined {
  const bytes = Math.floor((text.length * Math.log2(62)) / 8)
  if (base62Length(bytes) !== text.length || text.length > 300) return undefined
  let value = 0n
  for (const char of text) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) return undefined
    value = value * BASE + BigInt(digit)
  }
  const hex = value.toString(16)
  return hex.length > bytes * 2 ? undefined : Buffer.from(hex.padStart(bytes * 2, '0'), 'hex')
}

/** Random characters without modulo bias. */
export function randomBase62(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 is the largest multiple of 62 in a byte.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]
    }
  }
  return text
}
