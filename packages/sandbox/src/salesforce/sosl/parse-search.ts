/**
 * @module
 * The grammar of SOSL: `FIND {jane} IN ALL FIELDS RETURNING Contact(Id, Name WHERE … LIMIT 5), Account LIMIT 20`.
 */
import { parseClauses, parseItem } from '../soql/parse-query.ts'
import type { Query, SelectItem } from '../soql/query.ts'
import { type Reader, readTokens } from '../soql/reader.ts'
import { complaint, tokenize } from '../soql/token.ts'
import { idQuery, MAX_RESULTS, type Search, type SearchGroup } from './search.ts'
import { readTerms } from './search-terms.ts'

const CODE = 'MALFORMED_SEARCH'
const GROUPS: readonly SearchGroup[] = ['ALL', 'NAME', 'EMAIL', 'PHONE']

/** @throws {Refused} MALFORMED_SEARCH with the place of what does not fit. */
export function parseSearch(text: string): Search {
  const opening = /^\s*FIND\s*\{/i.exec(text)?.[0].length
  if (opening === undefined) throw complaint(text, 0, `unexpected token: '${text.trim().split(/\s/)[0]}'`, CODE)
  const closing = findClosing(text, opening)
  const matches = readTerms(text.slice(opening, closing))
  if (typeof matches !== 'function') {
    const at = opening + matches.at
    // The vendor counts this column from zero, unlike those of unexpected tokens.
    throw complaint(text, at - 1, `line 1:${at} mismatched character '${matches.character}' expecting '}'`, CODE)
  }
  if (text.slice(opening, closing).trim().length < 2) {
    throw complaint(text, opening, 'search term must be longer than one character', CODE)
  }
  // The terms have a grammar of their own; blanks in their place keep the columns right.
  const rest = ' '.repeat(closing + 1) + text.slice(closing + 1)
  const reader = readTokens(text, tokenize(rest, CODE), CODE)
  const group = parseGroup(reader)
  const returning = reader.takeIf('RETURNING') ? parseReturning(reader) : null
  let limit = MAX_RESULTS
  if (reader.takeIf('LIMIT')) {
    const token = reader.take()
    if (!/^\d{1,4}$/.test(token.text) || Number(token.text) > MAX_RESULTS) throw reader.unexpected(token)
    limit = Number(token.text)
  }
  if (reader.peek().kind !== 'end') throw reader.unexpected()
  return { matches, group, returning, limit }
}

function findClosing(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1
    else if (text.charAt(at) === '}') return at
  }
  throw complaint(text, text.length - 1, `line 1:${text.length} mismatched character '<EOF>' expecting '}'`, CODE)
}

function parseGroup(reader: Reader): SearchGroup {
  if (!reader.takeIf('IN')) return 'ALL'
  const group = GROUPS.find((candidate) => reader.is(candidate))
  if (group === undefined) throw reader.unexpected()
  reader.take()
  reader.expect('FIELDS')
  return group
}

function parseReturning(reader: Reader): readonly Query[] {
  const returning: Query[] = []
  do returning.push(parseObject(reader))
  while (reader.takeIf(','))
  return returning
}

function parseObject(reader: Reader): Query {
  const from = reader.name()
  const query = { ...idQuery(from.text), text: reader.text, from }
  if (!reader.takeIf('(')) return query
  const select: SelectItem[] = []
  do select.push(parseItem(reader))
  while (reader.takeIf(','))
  const clauses = parseClauses(reader)
  reader.expect(')')
  return { ...query, ...clauses, select }
}
