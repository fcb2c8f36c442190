/**
 * @module
 * Runs a query over a tenant's records and renders the rows that it selects, in order and within its bounds.
 */
import { refused } from '../refusal.ts'
import type { Row } from '../row.ts'
import { findEntity } from '../schema/entity.ts'
import type { Store } from '../store.ts'
import { aggregate } from './aggregate.ts'
import { comparableOf, compare } from './compare.ts'
import { compileCondition, type RunSemiJoin } from './compile-condition.ts'
import { parseQuery } from './parse-query.ts'
import type { Query } from './query.ts'
import { resolveEntity, resolvePath, type Scope } from './scope.ts'
import { type Answer, compileSelection } from './selection.ts'
import { complaint } from './token.ts'

/** Farthest OFFSET that Salesforce skips. */
const MAX_OFFSET = 2000

export interface QueryOptions {
  readonly store: Store
  /** Where record URLs begin: `/services/data/v67.0`. */
  readonly root: string
  /** Epoch milliseconds. */
  readonly now: number
  /** True for `queryAll`. */
  readonly includeDeleted?: boolean
}

/** @throws {Refused} with the code, place and words that Salesforce has for what is wrong with the query. */
export function runQuery(text: string, options: QueryOptions): Answer {
  return answerQuery(parseQuery(text), options)
}

/** A parsed query; `within` narrows the records that it starts from. */
export function answerQuery(query: Query, options: QueryOptions, within?: (row: Row) => boolean): Answer {
  const scope = openScope(query, options)
  checkBounds(query)
  const matching = selectRows(query, scope, options).filter(within ?? (() => true))
  if (query.select.some((item) => item.kind === 'count')) {
    if (query.select.length > 1) throw refused(400, 'MALFORMED_QUERY', 'COUNT() must be the only element of the select')
    return { totalSize: bounded(query, matching).length, records: [] }
  }
  if (query.groupBy.length > 0 || query.select.some((item) => item.kind === 'aggregate')) {
    const records = bounded(query, aggregate(query, scope, matching))
    return { totalSize: records.length, records }
  }
  const render = compileSelection(query, scope, options.root, (children, entity, parent) => {
    const child = entity.children.find(
      (candidate) => candidate.relationshipName.toLowerCase() === children.from.text.toLowerCase(),
    )
    const childEntity = child && findEntity(options.store.schema, child.childSObject)
    if (!child || !childEntity) throw unknownChildren(query, children)
    const from = { ...children.from, text: childEntity.name }
    return answerQuery({ ...children, from }, options, (row) => parent === null || row[child.field] === parent['Id'])
  })
  const rows = bounded(query, inOrder(query, scope, matching))
  return { totalSize: rows.length, records: rows.map(render) }
}

function openScope(query: Query, options: QueryOptions): Scope {
  const { store, now } = options
  const entity = resolveEntity(store, query.text, query.from)
  return { store, entity, alias: query.alias, text: query.text, now }
}

function selectRows(query: Query, scope: Scope, options: QueryOptions): readonly Row[] {
  const alive = scope.store.rows(scope.entity.name).filter((row) => options.includeDeleted || row['IsDeleted'] !== true)
  if (query.where === null) return alive
  const runSemiJoin: RunSemiJoin = (inner) => {
    const innerScope = openScope(inner, options)
    const item = inner.select[0]
    if (inner.select.length !== 1 || item?.kind !== 'field') {
      throw complaint(inner.text, inner.from.at, 'A semi join selects exactly one field', 'MALFORMED_QUERY')
    }
    const path = resolvePath(innerScope, item.path)
    return selectRows(inner, innerScope, options).map((row) => comparableOf(path.field.type, path.read(row)))
  }
  return alive.filter(compileCondition(scope, query.where, runSemiJoin))
}

function inOrder(query: Query, scope: Scope, rows: readonly Row[]): readonly Row[] {
  const keys = query.orderBy.map((ordering) => {
    const path = resolvePath(scope, ordering.path)
    if (!path.field.sortable) {
      const said = `field '${path.field.name}' can not be sorted in a query call`
      throw complaint(query.text, ordering.path.token.at, said, 'MALFORMED_QUERY')
    }
    return { ...ordering, read: (row: Row) => comparableOf(path.field.type, path.read(row)) }
  })
  return [...rows].sort((left, right) => {
    for (const key of keys) {
      const a = key.read(left)
      const b = key.read(right)
      const nulls = (a === null ? 1 : 0) - (b === null ? 1 : 0)
      const sign = nulls === 0 ? compare(a, b) * (key.descending ? -1 : 1) : key.nullsLast ? nulls : -nulls
      if (sign !== 0) return sign
    }
    return compare(idOf(left), idOf(right))
  })
}

function bounded<Item>(query: Query, items: readonly Item[]): readonly Item[] {
  const from = query.offset.value
  return query.limit === null ? items.slice(from) : items.slice(from, from + query.limit)
}

function checkBounds(query: Query): void {
  if (query.offset.value > MAX_OFFSET) {
    const said = `Maximum SOQL offset allowed is ${MAX_OFFSET}`
    throw complaint(query.text, query.offset.token.at, said, 'NUMBER_OUTSIDE_VALID_RANGE')
  }
}

function unknownChildren(query: Query, children: Query) {
  const name = children.from.text
  const said = `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`
  return complaint(query.text, children.from.at, said, 'INVALID_TYPE')
}

function idOf(row: Row): string {
  return typeof row['Id'] === 'string' ? row['Id'] : ''
}
