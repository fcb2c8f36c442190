/**
 * @module
 * Walks over tokens: what comes next, whether it is what the grammar wants, and the complaint when it is not.
 */
import type { Refused } from '../refusal.ts'
import type { Path } from './query.ts'
import { complaint, type Token } from './token.ts'

/** Words that cannot name a field, an object or an alias. */
const RESERVED = new Set(
  'AND ASC DESC EXCLUDES FROM GROUP HAVING IN INCLUDES LIKE LIMIT NOT NULL NULLS OFFSET OR SELECT USING WHERE WITH'.split(
    ' ',
  ),
)

/** Words that begin a clause, though they may also name an object. */
const CLAUSES = new Set(['FOR', 'ORDER'])

export interface Reader {
  readonly text: string
  readonly errorCode: string
  /** The token after `ahead` others, without taking it. */
  peek(ahead?: number): Token
  take(): Token
  /** Takes the next token when it is that word or symbol. */
  takeIf(text: string): boolean
  /** @throws {Refused} when the next token is another. */
  expect(text: string): Token
  is(text: string, ahead?: number): boolean
  /** A word that may name something. @throws {Refused} */
  name(): Token
  path(): Path
  unexpected(token?: Token): Refused
}

export function readTokens(text: string, tokens: readonly Token[], errorCode = 'MALFORMED_QUERY'): Reader {
  let at = 0
  const last = tokens[tokens.length - 1] ?? { kind: 'end', text: '<EOF>', at: text.length }
  const reader: Reader = {
    text,
    errorCode,
    peek: (ahead = 0) => tokens[at + ahead] ?? last,
    take() {
      const token = reader.peek()
      at += 1
      return token
    },
    is(wanted, ahead) {
      const token = reader.peek(ahead)
      return (token.kind === 'word' || token.kind === 'symbol') && token.text.toUpperCase() === wanted
    },
    takeIf(wanted) {
      const found = reader.is(wanted)
      if (found) at += 1
      return found
    },
    expect(wanted) {
      if (!reader.is(wanted)) throw reader.unexpected()
      return reader.take()
    },
    name() {
      const token = reader.peek()
      if (token.kind !== 'word' || RESERVED.has(token.text.toUpperCase())) throw reader.unexpected()
      return reader.take()
    },
    path() {
      const token = reader.name()
      if (!/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(token.text)) throw reader.unexpected(token)
      return { names: token.text.split('.'), token }
    },
    unexpected(token = reader.peek()) {
      return complaint(text, token.at, `unexpected token: '${token.text}'`, errorCode)
    },
  }
  return reader
}

/** Whether the token may be an alias. */
export function isPlainName(token: Token): boolean {
  const word = token.text.toUpperCase()
  return token.kind === 'word' && /^[A-Z]\w*$/.test(word) && !RESERVED.has(word) && !CLAUSES.has(word)
}
