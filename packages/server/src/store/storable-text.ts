/**
 * @module
 * Text that both databases keep as it is. PostgreSQL has no NUL character in text and would refuse it late and in its
 * own words; half of a surrogate pair has no UTF-8 and would come back as something else.
 */

/** Its message names no value. */
export class UnstorableText extends Error {
  override readonly name = 'UnstorableText'
}

/** @throws UnstorableText */
export function checkStorable(parameters: readonly unknown[]): void {
  for (const value of parameters) {
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) {
      throw new UnstorableText('Cannot store or look up a text with a NUL character or half a surrogate pair')
    }
  }
}
