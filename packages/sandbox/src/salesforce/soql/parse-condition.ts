/**
 * @module
 * WHERE. AND and OR do not mix without parentheses, and NOT only begins an expression: Salesforce refuses both.
 */
import { parsePeriodName } from './period.ts'
import type { Condition, Operand, Operator, Query } from './query.ts'
import type { Reader } from './reader.ts'

const COMPARISONS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  LIKE: 'LIKE',
}

/** `parseQuery` reads a semi-join's inner query, from SELECT on. */
export function parseCondition(reader: Reader, parseQuery: (reader: Reader) => Query): Condition {
  const simple = (): Condition => {
    if (!reader.takeIf('(')) return parseComparison(reader, parseQuery)
    const inner = parseCondition(reader, parseQuery)
    reader.expect(')')
    return inner
  }
  if (reader.takeIf('NOT')) return { kind: 'not', of: simple() }
  const first = simple()
  const joint = reader.is('AND') ? 'AND' : 'OR'
  const of = [first]
  while (reader.takeIf(joint)) of.push(simple())
  return of.length === 1 ? first : { kind: joint === 'AND' ? 'and' : 'or', of }
}

function parseComparison(reader: Reader, parseQuery: (reader: Reader) => Query): Condition {
  const path = reader.path()
  const negated = reader.takeIf('NOT')
  if (negated || reader.is('IN')) {
    reader.expect('IN')
    const operands = parseList(reader, parseQuery)
    return { kind: 'compare', path, operator: negated ? 'NOT IN' : 'IN', operands }
  }
  const operator = COMPARISONS[reader.peek().text.toUpperCase()]
  if (operator === undefined || reader.peek().kind === 'string') throw reader.unexpected()
  reader.take()
  return { kind: 'compare', path, operator, operands: [parseOperand(reader)] }
}

function parseList(reader: Reader, parseQuery: (reader: Reader) => Query): readonly Operand[] {
  reader.expect('(')
  const operands: Operand[] = []
  if (reader.is('SELECT')) {
    const token = reader.peek()
    operands.push({ kind: 'query', query: parseQuery(reader), token })
  } else {
    do operands.push(parseOperand(reader))
    while (reader.takeIf(','))
  }
  reader.expect(')')
  return operands
}

function parseOperand(reader: Reader): Operand {
  const token = reader.take()
  const word = token.text.toUpperCase()
  if (token.literal !== undefined) return { kind: 'string', literal: token.literal, token }
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text), token }
  if (token.kind === 'date' || token.kind === 'datetime') return { kind: token.kind, token }
  if (token.kind === 'word') {
    if (word === 'NULL') return { kind: 'null', token }
    if (word === 'TRUE' || word === 'FALSE') return { kind: 'boolean', value: word === 'TRUE', token }
    if (parsePeriodName(word)) return { kind: 'period', token }
  }
  throw reader.unexpected(token)
}
