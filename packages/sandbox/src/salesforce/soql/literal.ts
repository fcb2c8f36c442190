/**
 * @module
 * String literals of SOQL: which escapes exist, what they stand for, and how LIKE reads a literal's wildcards.
 */

/** One step of a LIKE pattern: a character, any one character, or any run of characters. */
export type PatternStep = string | typeof ANY_ONE | typeof ANY_RUN

export const ANY_ONE = Symbol('any one character')
export const ANY_RUN = Symbol('any run of characters')

export interface StringLiteral {
  readonly text: string
  /** The literal as LIKE reads it: `\%` and `\_` are plain, `%` and `_` are not. */
  readonly pattern: readonly PatternStep[]
}

/** The escapes of the SOQL reference besides `\uXXXX`; any other use of a backslash is an error. */
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
  _: '_',
  '%': '%',
}

/** Reads what stands between the quotes; a text instead of a literal is Salesforce's complaint about it. */
export function readStringLiteral(body: string): StringLiteral | string {
  let text = ''
  const pattern: PatternStep[] = []
  const characters = [...body]
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? ''
    if (character !== '\\') {
      text += character
      pattern.push(character === '%' ? ANY_RUN : character === '_' ? ANY_ONE : character)
      continue
    }
    at += 1
    const escaped = characters[at] ?? ''
    let plain = ESCAPES[escaped]
    if (escaped === 'u') {
      const digits = characters.slice(at + 1, at + 5).join('')
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) return complain(body, 'unicode sequence.', `u${digits}`)
      plain = String.fromCharCode(Number.parseInt(digits, 16))
      at += 4
    }
    if (plain === undefined) return complain(body, 'character sequence', escaped)
    text += plain
    pattern.push(plain)
  }
  return { text, pattern }
}

/** Whether the whole of `value` fits the pattern; case does not matter. Linear in practice, never exponential. */
export function matchesPattern(pattern: readonly PatternStep[], value: string): boolean {
  const characters = [...value.toLowerCase()]
  const steps = pattern.flatMap<PatternStep>((step) => (typeof step === 'string' ? [...step.toLowerCase()] : [step]))
  let at = 0
  let step = 0
  let resumeStep = -1
  let resumeAt = 0
  while (at < characters.length) {
    const wanted = steps[step]
    if (wanted === ANY_RUN) {
      resumeStep = step + 1
      resumeAt = at
      step += 1
    } else if (wanted !== undefined && (wanted === ANY_ONE || wanted === characters[at])) {
      step += 1
      at += 1
    } else if (resumeStep >= 0) {
      resumeAt += 1
      at = resumeAt
      step = resumeStep
    } else {
      return false
    }
  }
  return steps.slice(step).every((rest) => rest === ANY_RUN)
}

function complain(body: string, what: string, sequence: string): string {
  return `Invalid string literal '${body}'. Illegal ${what} '\\${sequence}' in string literal.`
}
