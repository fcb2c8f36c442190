/**
 * @module
 * Inserts many rows at a cost that the database decides and not the building of a statement: its text depends only on
 * the tables, and on SQLite on one of a few sizes.
 */
import { CompiledQuery, type Kysely } from 'kysely'
import { prepared } from './prepared-texts.ts'
import type { Tables } from './schema.ts'
import { checkStorable } from './storable-text.ts'

export interface Insertion {
  readonly table: keyof Tables
  /** The columns with their types in PostgreSQL, in the order of the cells. */
  readonly columns: Readonly<Record<string, 'bigint' | 'integer' | 'text'>>
  /** `on conflict …`, in the SQL that both databases share. */
  readonly otherwise?: string
}

export type Cell = string | number | null

export interface Batch {
  readonly into: Insertion
  /** The cells of each row, in the order of the columns. */
  readonly rows: readonly (readonly Cell[])[]
}

/** Inserts the rows of each batch in their order, within the transaction that `db` is. An empty batch is left out. */
export type InsertMany = (db: Kysely<Tables>, batches: readonly Batch[]) => Promise<void>

/**
 * SQLite prepares a statement once for each size, and a row has some twenty parameters. With more rows at once than
 * these, handing over so many parameters costs more than another statement.
 */
const SIZES = [32, 8, 4, 1] as const
/** Rows of this many columns cost less than their statement, so there is one for any number of them up to eight. */
const NARROW = 8
const NARROW_SIZES = [32, 16, 8, 7, 6, 5, 4, 3, 2, 1] as const

export const insertManySqlite: InsertMany = async (db, batches) => {
  for (const { into, rows } of batches) {
    let done = 0
    for (const size of Object.keys(into.columns).length <= NARROW ? NARROW_SIZES : SIZES) {
      while (rows.length - done >= size) {
        const parameters = rows.slice(done, done + size).flat()
        await db.executeQuery(CompiledQuery.raw(textFor(into, size), parameters))
        done += size
      }
    }
  }
}

/** One array a column: the text, and what the server makes of it, is the same for any number of rows. */
export const insertManyPostgres: InsertMany = async (db, batches) => {
  const parameters: string[] = []
  const inserts = batches
    .filter(({ rows }) => rows.length > 0)
    .map(({ into: { table, columns, otherwise = '' }, rows }) => {
      const lists = Object.values(columns).map((type, index) => {
        const length = parameters.push(arrayText(rows.map((row) => row[index] ?? null)))
        return `$${length}::${type}[]`
      })
      const names = Object.keys(columns).join(', ')
      return `insert into ${table} (${names}) select * from unnest(${lists.join(', ')}) ${otherwise}`
    })
  const last = inserts.pop()
  if (last === undefined) return
  // One round trip for all of them, because other writers wait meanwhile.
  const before = inserts.map((text, index) => `batch_${index} as (${text})`).join(', ')
  await db.executeQuery(CompiledQuery.raw(prepared(before === '' ? last : `with ${before} ${last}`), parameters))
}

const texts = new Map<string, string>()

function textFor({ table, columns, otherwise = '' }: Insertion, size: number): string {
  const key = `${table}|${size}|${otherwise}`
  const known = texts.get(key)
  if (known !== undefined) return known
  const names = Object.keys(columns)
  const one = `(${names.map(() => '?').join(', ')})`
  const text = `insert into ${table} (${names.join(', ')}) values ${Array(size).fill(one).join(', ')} ${otherwise}`
  texts.set(key, text)
  return text
}

/** Whatever JSON writes with a backslash, other than a quote or a backslash, means something else to PostgreSQL. */
const DIFFERS = /\\[^"\\]/

/**
 * A list as PostgreSQL writes an array (PostgreSQL, 8.15.6 "Array Input and Output Syntax"), made by the engine's own JSON
 * writer in one go where the two notations agree.
 * @throws UnstorableText for a NUL character or half a surrogate pair.
 */
export function arrayText(cells: readonly (string | number | null)[]): string {
  const json = JSON.stringify(cells)
  if (!DIFFERS.test(json)) return `{${json.slice(1, -1)}}`
  checkStorable(cells)
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
  return `{${cells.map((cell) => (typeof cell === 'string' ? quoted(cell) : String(cell))).join(',')}}`
}
