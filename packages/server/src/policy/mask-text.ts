/**
 * @module
 * A partial value that says enough to tell two records apart and too little to reach or name the person.
 */
import type { PiiClass } from '@quartermaster/protocol'

const HIDDEN = '***'
/** A phone number shorter than this would be shown by its last two digits. */
const SHORTEST_PHONE = 7
const maskedPhone = /^\*{3}\p{Nd}{2}$/u
const mailDomain = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*$/u
/** Of a date there is no partial form that is still a date. */
export const dateLike = /^\d{4}-\d{2}-\d{2}(?:T|$)/

/**
 * `j***@acme.com` for an address, the last two digits of a phone number, the initial of a name, else `***`.
 * Undefined for what has no partial form. Masking twice changes nothing.
 *
 * @param field The name of the canonical field; phone numbers are in `number`.
 */
export function maskText(text: string, piiClass: PiiClass, field: string): string | undefined {
  if (dateLike.test(text)) return undefined
  if (piiClass === 'identity') return `${initialOf(text)}${HIDDEN}`
  if (piiClass !== 'contact') return HIDDEN
  if (field === 'number') return maskPhone(text)
  const at = text.lastIndexOf('@')
  const domain = text.slice(at + 1)
  return at > 0 && mailDomain.test(domain) ? `${initialOf(text)}${HIDDEN}@${domain}` : HIDDEN
}

function maskPhone(text: string): string {
  if (maskedPhone.test(text)) return text
  const digits = text.match(/\p{Nd}/gu) ?? []
  return digits.length < SHORTEST_PHONE ? HIDDEN : `${HIDDEN}${digits.slice(-2).join('')}`
}

function initialOf(text: string): string {
  const [initial = ''] = text.trim()
  return initial === '*' ? '' : initial
}
