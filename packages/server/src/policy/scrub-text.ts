/**
 * @module
 * Free text without the e-mail addresses, phone, card and account numbers in it. It prefers taking out too much: any
 * seven digits in a row that are not a date go.
 */

/** A word with an at sign inside it, also percent-encoded or in its wide forms. */
const addressLike = /[^\s@＠﹫][@＠﹫][^\s@＠﹫]|%40/iu
const word = /[^\s<>"'(),;…]+/gu
// Digits and separators exclude each other, so neither pattern can be made to backtrack.
const numberLike = /[+(]?\p{Nd}(?:[\s()./\p{Pd}]{0,4}\p{Nd}){6,}/gu
/** A calendar date, with the hour when the minutes are behind a colon. A date that was cut short counts as one. */
const dateLike = /^\d{4}-\d{2}-\d{1,2}(?:[ T]\d{1,2})?$/

/** Replaces each finding with `[email]`, `[card]`, `[phone]` or `[number]`. Linear in the length of the text. */
export function scrubText(text: string): string {
  return text
    .replace(word, (found) => (addressLike.test(found) ? '[email]' : found))
    .replace(numberLike, (found) => (dateLike.test(found) ? found : labelOf(found)))
}

function labelOf(found: string): string {
  const digits = found.replace(/\P{Nd}/gu, '')
  if (digits.length >= 13 && digits.length <= 19 && passesLuhn(digits)) return '[card]'
  const isWritten = digits.length >= 10 || found.length > digits.length
  return isWritten && digits.length <= 15 ? '[phone]' : '[number]'
}

/** ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
