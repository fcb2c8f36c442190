/**
 * @module
 * Splits a query into tokens that remember where they stood, and words complaints with the place marked as Salesforce
 * does.
 */
import { type Refused, refused } from '../refusal.ts'
import { readStringLiteral, type StringLiteral } from './literal.ts'

export type TokenKind = 'word' | 'string' | 'number' | 'date' | 'datetime' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; a string with its quotes. */
  readonly text: string
  /** Zero-based offset into the query. */
  readonly at: number
  /** Only of strings. */
  readonly literal?: StringLiteral
}

/** Longest query that is looked at, in characters. */
const MAX_LENGTH = 100_000

/** Deeper nesting than any person writes is refused before it can exhaust the stack. */
const MAX_DEPTH = 200

const SPACE = /\s+/y
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})(?![\w.])/y],
  ['date', /\d{4}-\d{2}-\d{2}(?![\w.])/y],
  ['number', /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['word', /[A-Za-z][\w.]*(?::\d+)?/y],
  ['string', /'(?:[^'\\]|\\.)*'/sy],
  ['symbol', /<=|>=|<>|!=|[(),=<>]/y],
]

/** @throws {Refused} MALFORMED_QUERY at the first character that begins no token. */
export function tokenize(query: string, errorCode = 'MALFORMED_QUERY'): readonly Token[] {
  if (query.length > MAX_LENGTH) {
    throw refused(400, errorCode, `SOQL statements cannot be longer than ${MAX_LENGTH} characters.`)
  }
  const tokens: Token[] = []
  let at = 0
  let depth = 0
  while (at < query.length) {
    SPACE.lastIndex = at
    if (SPACE.test(query)) {
      at = SPACE.lastIndex
      continue
    }
    const token = tokenAt(query, at, errorCode)
    depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0
    if (depth > MAX_DEPTH) throw complaint(query, at, "unexpected token: '('", errorCode)
    tokens.push(token)
    at += token.text.length
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: query.length })
  return tokens
}

function tokenAt(query: string, at: number, errorCode: string): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const text = pattern.exec(query)?.[0]
    if (text === undefined) continue
    if (kind !== 'string') return { kind, text, at }
    const literal = readStringLiteral(text.slice(1, -1))
    if (typeof literal === 'string') throw complaint(query, at, literal, errorCode)
    return { kind, text, at, literal }
  }
  const unclosed = query.charAt(at) === "'"
  const place = unclosed ? query.length : at
  const said = unclosed
    ? "mismatched character '<EOF>' expecting '''"
    : `no viable alternative at character '${query.charAt(at)}'`
  throw complaint(query, place, `line ${row(query, place)}:${column(query, place)} ${said}`, errorCode)
}

/** A refusal that shows the part of the query around `at`, a caret below it, and the row and column. */
export function complaint(query: string, at: number, said: string, errorCode: string): Refused {
  const lineStart = query.lastIndexOf('\n', at - 1) + 1
  const lineEnd = query.indexOf('\n', at)
  const line = query.slice(lineStart, lineEnd < 0 ? query.length : lineEnd)
  // Salesforce shows a window that begins at a word a few tokens before the place, not the whole line.
  const cut = at - lineStart > 32 ? line.lastIndexOf(' ', at - lineStart - 31) + 1 : 0
  const shown = line.slice(cut, Math.max(cut + 80, at - lineStart + 40))
  const caret = `${' '.repeat(at - lineStart - cut)}^`
  const place = `ERROR at Row:${row(query, at)}:Column:${column(query, at)}`
  return refused(400, errorCode, `\n${shown}\n${caret}\n${place}\n${said}`)
}

function row(query: string, at: number): number {
  return query.slice(0, at).split('\n').length
}

/** One-based. */
function column(query: string, at: number): number {
  return at - query.lastIndexOf('\n', at - 1)
}
