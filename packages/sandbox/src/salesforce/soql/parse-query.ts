/**
 * @module
 * The grammar of a SOQL query, clause by clause, in the only order that Salesforce accepts.
 */
import { parseCondition } from './parse-condition.ts'
import type { AggregateName, Bounded, DatePart, Ordering, Path, Query, SelectItem } from './query.ts'
import { isPlainName, type Reader, readTokens } from './reader.ts'
import { complaint, tokenize } from './token.ts'

const AGGREGATES: readonly AggregateName[] = ['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX']
const DATE_PARTS: readonly DatePart[] = ['CALENDAR_YEAR', 'CALENDAR_QUARTER', 'CALENDAR_MONTH']
const FIELD_SETS = ['ALL', 'STANDARD', 'CUSTOM'] as const

/** @throws {Refused} MALFORMED_QUERY with the row and column of the first token that does not fit. */
export function parseQuery(text: string): Query {
  const reader = readTokens(text, tokenize(text))
  const query = parseSelect(reader)
  if (reader.peek().kind !== 'end') throw reader.unexpected()
  return query
}

function parseSelect(reader: Reader): Query {
  reader.expect('SELECT')
  const select: SelectItem[] = []
  do select.push(parseItem(reader))
  while (reader.takeIf(','))
  reader.expect('FROM')
  const from = reader.name()
  const alias = isPlainName(reader.peek()) ? reader.take().text : null
  return { text: reader.text, select, from, alias, ...parseClauses(reader) }
}

/** What may follow the object, in a query and inside of a search's RETURNING. */
export function parseClauses(reader: Reader): Pick<Query, 'where' | 'groupBy' | 'orderBy' | 'limit' | 'offset'> {
  const where = reader.takeIf('WHERE') ? parseCondition(reader, parseSelect) : null
  if (reader.takeIf('WITH')) reader.expect('SECURITY_ENFORCED')
  const groupBy: Path[] = []
  if (reader.takeIf('GROUP')) {
    reader.expect('BY')
    do groupBy.push(parseGroup(reader))
    while (reader.takeIf(','))
  }
  const orderBy = parseOrderBy(reader)
  const limit = parseCount(reader, 'LIMIT')
  const offset = parseCount(reader, 'OFFSET')
  if (reader.takeIf('FOR')) reader.expect(reader.is('VIEW') ? 'VIEW' : 'REFERENCE')
  return { where, groupBy, orderBy, limit: limit?.value ?? null, offset: offset ?? { value: 0, token: reader.peek() } }
}

/** A field, or a part of the date that it holds. */
function parseGroup(reader: Reader): Path {
  const part = DATE_PARTS.find((candidate) => reader.is(candidate) && reader.is('(', 1))
  if (part === undefined) return reader.path()
  reader.take()
  reader.expect('(')
  const path = reader.path()
  reader.expect(')')
  return { ...path, part }
}

/** One element of a SELECT or of an object in RETURNING. */
export function parseItem(reader: Reader): SelectItem {
  if (reader.takeIf('(')) {
    const query = parseSelect(reader)
    reader.expect(')')
    return { kind: 'children', query }
  }
  if (DATE_PARTS.some((part) => reader.is(part)) && reader.is('(', 1)) {
    const path = parseGroup(reader)
    return { kind: 'field', path, ...(isPlainName(reader.peek()) ? { alias: reader.take().text } : {}) }
  }
  if (!reader.is('(', 1)) {
    const item: SelectItem = { kind: 'field', path: reader.path() }
    if (isPlainName(reader.peek())) {
      const said = 'only aggregate expressions use field aliasing'
      throw complaint(reader.text, reader.peek().at, said, reader.errorCode)
    }
    return item
  }
  const token = reader.name()
  reader.expect('(')
  return parseCall(reader, token.text.toUpperCase(), token)
}

function parseCall(reader: Reader, called: string, token: Path['token']): SelectItem {
  if (called === 'FIELDS') {
    const set = FIELD_SETS.find((candidate) => reader.is(candidate))
    if (set === undefined) throw reader.unexpected()
    reader.take()
    reader.expect(')')
    return { kind: 'fields', set, token }
  }
  if (called === 'COUNT' && reader.takeIf(')')) return { kind: 'count' }
  const name = AGGREGATES.find((candidate) => candidate === called)
  if (name === undefined) throw reader.unexpected(token)
  const path = reader.path()
  reader.expect(')')
  const alias = isPlainName(reader.peek()) ? reader.take().text : null
  return { kind: 'aggregate', name, path, alias }
}

function parseOrderBy(reader: Reader): readonly Ordering[] {
  const orderBy: Ordering[] = []
  if (!reader.takeIf('ORDER')) return orderBy
  reader.expect('BY')
  do {
    const path = reader.path()
    const descending = reader.takeIf('DESC')
    if (!descending) reader.takeIf('ASC')
    let nullsLast = false
    if (reader.takeIf('NULLS')) {
      nullsLast = reader.takeIf('LAST')
      if (!nullsLast) reader.expect('FIRST')
    }
    orderBy.push({ path, descending, nullsLast })
  } while (reader.takeIf(','))
  return orderBy
}

function parseCount(reader: Reader, clause: string): Bounded | null {
  if (!reader.takeIf(clause)) return null
  const token = reader.take()
  if (token.kind !== 'number' || !/^\d{1,9}$/.test(token.text)) throw reader.unexpected(token)
  return { value: Number(token.text), token }
}
