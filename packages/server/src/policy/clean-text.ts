/**
 * @module
 * Text from a system is written by anybody. What a reader cannot see, or sees in another order than a model reads it,
 * is taken out before the text goes anywhere.
 */

/**
 * Control and format characters, and everything Unicode calls default-ignorable: zero-width and bidirectional
 * controls, soft hyphens, variation selectors and the tag block U+E0000, which can each carry hidden instructions.
 * Tabs and newlines stay.
 */
const invisible = /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]--[\t\n]]/gv
const lineBreak = /\r\n?|[\u0085\u2028\u2029]/g

const ELLIPSIS = '…'

/** Visible, well-formed text of at most `maxLength` UTF-16 units; what is cut off is marked with an ellipsis. */
export function cleanText(text: string, maxLength: number): string {
  // Invisible characters are removed from a bounded slice, so that a huge value costs no more than a long one.
  const visible = text
    .slice(0, maxLength * 8)
    .toWellFormed()
    .replace(lineBreak, '\n')
    .replace(invisible, '')
  if (visible.length <= maxLength) return visible
  return `${visible.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}${ELLIPSIS}`
}
