/**
 * @module
 * A parsed query. Every node that can turn out wrong later keeps the token that it came from.
 */
import type { StringLiteral } from './literal.ts'
import type { Token } from './token.ts'

export interface Query {
  readonly text: string
  readonly select: readonly SelectItem[]
  readonly from: Token
  readonly alias: string | null
  readonly where: Condition | null
  readonly groupBy: readonly Path[]
  readonly orderBy: readonly Ordering[]
  readonly limit: number | null
  readonly offset: Bounded
}

/** A number together with its token; zero with the query's end when it was not written. */
export interface Bounded {
  readonly value: number
  readonly token: Token
}

export type SelectItem =
  | { readonly kind: 'field'; readonly path: Path; readonly alias?: string }
  | { readonly kind: 'fields'; readonly set: 'ALL' | 'STANDARD' | 'CUSTOM'; readonly token: Token }
  | { readonly kind: 'count' }
  | AggregateItem
  | { readonly kind: 'children'; readonly query: Query }

export interface AggregateItem {
  readonly kind: 'aggregate'
  readonly name: AggregateName
  readonly path: Path
  readonly alias: string | null
}

export type AggregateName = 'COUNT' | 'COUNT_DISTINCT' | 'SUM' | 'AVG' | 'MIN' | 'MAX'

/** A field, perhaps of a parent: `Account.Owner.Name`. */
export interface Path {
  readonly names: readonly string[]
  readonly token: Token
  /** What is taken of the field's date. */
  readonly part?: DatePart
}

export type DatePart = 'CALENDAR_YEAR' | 'CALENDAR_QUARTER' | 'CALENDAR_MONTH'

export interface Ordering {
  readonly path: Path
  readonly descending: boolean
  readonly nullsLast: boolean
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | Comparison

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'IN' | 'NOT IN'

export interface Comparison {
  readonly kind: 'compare'
  readonly path: Path
  readonly operator: Operator
  /** One for most operators, any number for IN and NOT IN. */
  readonly operands: readonly Operand[]
}

export type Operand =
  | { readonly kind: 'string'; readonly literal: StringLiteral; readonly token: Token }
  | { readonly kind: 'number'; readonly value: number; readonly token: Token }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly token: Token }
  | { readonly kind: 'null'; readonly token: Token }
  | { readonly kind: 'date'; readonly token: Token }
  | { readonly kind: 'datetime'; readonly token: Token }
  /** `TODAY`, `LAST_N_DAYS:30` and the like. */
  | { readonly kind: 'period'; readonly token: Token }
  | { readonly kind: 'query'; readonly query: Query; readonly token: Token }
