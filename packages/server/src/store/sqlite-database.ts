/**
 * @module
 * node:sqlite in the shape that Kysely's SQLite dialect drives. Durable by default: WAL with a sync at every commit.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase } from 'kysely'

/** SQLite 3.7.0 to 3.51.2 can corrupt a WAL that two processes checkpoint at once (sqlite.org, "WAL reset bug"). */
const OLDEST_SAFE_SQLITE = [3, 51, 3] as const

/**
 * Opens a database file, or `:memory:`.
 * @throws Error when this Node carries an SQLite that is not safe with several processes.
 */
export function openSqlite(path: string): SqliteDatabase {
  const version = process.versions.sqlite
  if (!version || isOlder(version)) {
    throw new Error(
      `Cannot open the store: SQLite ${version ?? 'is missing'} in Node ${process.version}, ${OLDEST_SAFE_SQLITE.join('.')} or newer is needed`,
    )
  }
  const database = connectTo(path)
  // Statements are few and fixed in number: Kysely writes the same text for the same query.
  const statements = new Map<string, Prepared>()
  return {
    close: () => database.close(),
    prepare(text) {
      const known = statements.get(text)
      if (known) return known
      const prepared = prepare(database.prepare(text))
      if (statements.size < 256) statements.set(text, prepared)
      return prepared
    },
  }
}

/** How long a statement may block the event loop for another process; the dialect waits longer without blocking. */
const BUSY_TIMEOUT_MS = 50

function connectTo(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: 5_000 })
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)
    return database
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new Error(`Cannot open the store at ${path}: ${why}`, { cause })
  }
}

type Prepared = ReturnType<SqliteDatabase['prepare']>
type Parameter = null | number | bigint | string | Uint8Array

function prepare(statement: StatementSync): Prepared {
  const parameters = (values: readonly unknown[]) =>
    values.map((value) => (value === undefined ? null : value)) as Parameter[]
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...parameters(values)),
    run: (values) => statement.run(...parameters(values)),
    iterate: (values) => statement.iterate(...parameters(values)) as IterableIterator<unknown>,
  }
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, minimum] of OLDEST_SAFE_SQLITE.entries()) {
    const part = parts[index] ?? 0
    if (part !== minimum) return part < minimum
  }
  return false
}
