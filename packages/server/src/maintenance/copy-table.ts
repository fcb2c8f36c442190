/**
 * @module
 * Copies one table from a database to another and proves it: what is read back from the target is, value by value, what
 * was read from the source.
 */
import { createHash, type Hash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { primaryKeys } from '../store/primary-keys.ts'
import type { Tables } from '../store/schema.ts'

type Row = Readonly<Record<string, unknown>>

const PAGE = 500

/** Copies every row. @throws Error when the copy is not the same. Returns how many rows there are. */
export async function copyTable(from: Kysely<Tables>, to: Kysely<Tables>, name: keyof Tables): Promise<number> {
  const read = digest()
  for await (const rows of pages(from, name)) {
    for (const row of rows) read.add(row)
    const columns = Object.keys(rows[0] ?? {})
    const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`)
    const target = sql`${sql.table(name)} (${sql.join(columns.map((column) => sql.ref(column)))})`
    await sql`insert into ${target} values ${sql.join(values)}`.execute(to)
  }
  const written = digest()
  for await (const rows of pages(to, name)) for (const row of rows) written.add(row)
  if (written.value() !== read.value()) throw new Error(`Cannot move: the copy of the table ${name} is not the same`)
  return read.count()
}

export async function countRows(db: Kysely<Tables>, name: keyof Tables): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db)
  return Number(rows[0]?.n)
}

/** All rows in pages. Each database may sort text in its own way; the digest does not mind. */
async function* pages(db: Kysely<Tables>, name: keyof Tables): AsyncGenerator<readonly Row[]> {
  const key = primaryKeys[name]
  let last: unknown
  for (;;) {
    const after = last === undefined ? sql`` : sql`where ${sql.ref(key)} > ${last}`
    const query = sql<Row>`select * from ${sql.table(name)} ${after} order by ${sql.ref(key)} limit ${sql.lit(PAGE)}`
    const { rows } = await query.execute(db)
    if (rows.length === 0) return
    yield rows
    last = rows.at(-1)?.[key]
  }
}

/** The number of rows and the sum of their hashes, so that the order in which they come does not matter. */
function digest() {
  let count = 0
  let sum = 0n
  return {
    add(row: Row) {
      count += 1
      const hash = createHash('sha256')
      for (const column of Object.keys(row).sort()) addValue(hash.update(`${column}\0`), row[column])
      sum = (sum + hash.digest().readBigUInt64BE()) % 2n ** 64n
    },
    count: () => count,
    value: () => `${count}:${sum}`,
  }
}

function addValue(hash: Hash, value: unknown): void {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value ?? null))
  hash.update(`${bytes.length}\0`).update(bytes)
}
