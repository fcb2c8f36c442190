/**
 * @module
 * What a search looks for: words, phrases and wildcards joined by AND, OR and AND NOT, matched against whole words of a
 * text.
 */

/** Whether the texts of a record, taken together, are what is searched for. */
export type TermMatcher = (texts: readonly string[]) => boolean

/** Characters that mean something in a search and stand for themselves only after a backslash. */
const RESERVED = /[?&|!{}[\]()^~*:\\"'+-]/

export interface SearchFault {
  /** Zero-based offset into the terms. */
  readonly at: number
  readonly character: string
}

/** Reads the terms of `FIND {…}`. */
export function readTerms(text: string): TermMatcher | SearchFault {
  const words: string[] = []
  const quoted: boolean[] = []
  let word = ''
  let inQuotes = false
  const close = (phrase: boolean): void => {
    if (word !== '') {
      words.push(word)
      quoted.push(phrase)
    }
    word = ''
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\') {
      at += 1
      if (!RESERVED.test(text.charAt(at))) return { at, character: text.charAt(at) }
      word += text.charAt(at)
    } else if (character === '"') {
      close(inQuotes)
      inQuotes = !inQuotes
    } else if (/\s/.test(character) && !inQuotes) {
      close(false)
    } else if (character === '*' || character === '?') {
      word += character === '*' ? ANY_RUN : ANY_ONE
    } else if (RESERVED.test(character)) {
      return { at, character }
    } else {
      word += character
    }
  }
  if (inQuotes) return { at: text.length, character: '<EOF>' }
  close(false)
  return joinTerms(words, quoted)
}

/** Looks for every word of a plain text, in which nothing is special but the wildcards. */
export function plainTerms(text: string): TermMatcher {
  const words = text.replaceAll('*', ANY_RUN).replaceAll('?', ANY_ONE).split(/\s+/)
  return joinTerms(
    words.filter((word) => word !== ''),
    [],
  )
}

/** Private-use characters, so that an escaped star is not a wildcard. */
const ANY_RUN = '\uE000'
const ANY_ONE = '\uE001'

function joinTerms(words: readonly string[], quoted: readonly boolean[]): TermMatcher {
  // A list of alternatives, each a list of terms that must all hold.
  const alternatives: { readonly wanted: boolean; readonly term: RegExp }[][] = [[]]
  let wanted = true
  words.forEach((word, index) => {
    const operator = quoted[index] === true ? '' : word.toUpperCase()
    if (operator === 'OR') alternatives.push([])
    else if (operator === 'NOT') wanted = false
    else if (operator !== 'AND') {
      const term = compileTerm(word)
      if (term !== null) alternatives.at(-1)?.push({ wanted, term })
      wanted = true
    }
  })
  return (texts) => {
    const folded = texts.map((text) => ` ${splitWords(text).join(' ')} `)
    return alternatives.some(
      (terms) =>
        terms.length > 0 && terms.every(({ wanted, term }) => folded.some((text) => term.test(text)) === wanted),
    )
  }
}

/** A term is one or more words that must follow each other: `jane@acme.com` is three. */
function compileTerm(term: string): RegExp | null {
  const words = splitWords(term)
  if (words.length === 0) return null
  const source = words
    .join(' ')
    .replaceAll(new RegExp(`${ANY_RUN}+`, 'g'), '[^ ]*')
    .replaceAll(ANY_ONE, '[^ ]')
  return new RegExp(` ${source} `, 'u')
}

function splitWords(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}\uE000\uE001]+/u)
    .filter((word) => word !== '')
}
