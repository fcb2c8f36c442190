/**
 * @module
 * Inserts many rows at a cost that the database decides and not the building of a statement: its text depends only on
 * the table, and on SQLite on one of a few sizes.
 */
import { CompiledQuery, type Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export interface Insertion<Row> {
  readonly table: keyof Tables
  /** The columns with their types in PostgreSQL, in the order of `values`. */
  readonly columns: Readonly<Record<string, 'bigint' | 'integer' | 'text'>>
  readonly values: (row: Row) => readonly (string | number | null)[]
  /** `on conflict …`, in the SQL that both databases share. */
  readonly otherwise?: string
}

/** Inserts the rows in their order. An empty list does nothing. */
export type InsertMany = <Row>(db: Kysely<Tables>, insertion: Insertion<Row>, rows: readonly Row[]) => Promise<void>

/** SQLite prepares a statement once for each size, and a row has some twenty parameters. */
const SIZES = [256, 64, 16, 4, 1] as const

export const insertManySqlite: InsertMany = async (db, insertion, rows) => {
  const { values } = insertion
  let done = 0
  for (const size of SIZES) {
    while (rows.length - done >= size) {
      const parameters = rows.slice(done, done + size).flatMap(values)
      await db.executeQuery(CompiledQuery.raw(textFor(insertion, size), parameters))
      done += size
    }
  }
}

/** One array a column: the text, and what the server makes of it, is the same for any number of rows. */
export const insertManyPostgres: InsertMany = async (db, { table, columns, values, otherwise = '' }, rows) => {
  if (rows.length === 0) return
  const names = Object.keys(columns)
  const arrays: (string | number | null)[][] = names.map(() => [])
  for (const row of rows) for (const [index, value] of values(row).entries()) arrays[index]?.push(value)
  const lists = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`)
  const from = `select * from unnest(${lists.join(', ')})`
  await db.executeQuery(CompiledQuery.raw(`insert into ${table} (${names.join(', ')}) ${from} ${otherwise}`, arrays))
}

const texts = new Map<string, string>()

function textFor<Row>({ table, columns, otherwise = '' }: Insertion<Row>, size: number): string {
  const key = `${table}|${size}|${otherwise}`
  const known = texts.get(key)
  if (known !== undefined) return known
  const names = Object.keys(columns)
  const one = `(${names.map(() => '?').join(', ')})`
  const text = `insert into ${table} (${names.join(', ')}) values ${Array(size).fill(one).join(', ')} ${otherwise}`
  texts.set(key, text)
  return text
}
