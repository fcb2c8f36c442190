/**
 * @module
 * String literals for query languages of the SOQL family. What a caller writes stays inside the quotes, whatever it is.
 */

const named: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

/** The inside of a literal. One pass, so that no escape is escaped twice; other control characters become `\uXXXX`. */
function escapeLiteral(text: string): string {
  return text.replace(
    /[\\'\u0000-\u001f\u007f]/g,
    (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A quoted literal, quotes included, so that they cannot be forgotten. */
export function soqlLiteral(text: string): string {
  return `'${escapeLiteral(text)}'`
}

/** A quoted `LIKE` pattern that matches text containing `text` literally: `%` and `_` in it stand for themselves. */
export function soqlContains(text: string): string {
  return `'%${escapeLiteral(text).replace(/[%_]/g, '\\$&')}%'`
}
