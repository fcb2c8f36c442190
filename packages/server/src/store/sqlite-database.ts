/**
 * @module
 * node:sqlite in the shape that Kysely's SQLite dialect drives. Durable by default: WAL with a sync at every commit.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import type { SqliteDatabase } from 'kysely'
import { fileGuard } from './file-guard.ts'
import { checkStorable } from './storable-text.ts'
import { sqliteFault } from './unavailable.ts'

/** SQLite 3.7.0 to 3.51.2 can corrupt a WAL that two processes checkpoint at once (sqlite.org, "WAL reset bug"). */
const OLDEST_SAFE_SQLITE = [3, 51, 3] as const

const BUSY_MS = 5_000
const SQLITE_BUSY = 5

export interface LockableDatabase extends SqliteDatabase {
  /**
   * Runs `work` in one transaction that no other writer, here or in another process, comes between.
   * @throws Error when another writer does not finish within five seconds.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Leaves write-ahead logging, which is possible only while no other process has the file open: true when it is left. */
  leaveWal(): boolean
}

/**
 * Opens a database file, or `:memory:`.
 * @throws Error when this Node carries an SQLite that is not safe with several processes.
 */
export function openSqlite(path: string): LockableDatabase {
  const version = process.versions.sqlite
  if (!version || isOlder(version)) {
    throw new Error(
      `Cannot open the store: SQLite ${version ?? 'is missing'} in Node ${process.version}, ${OLDEST_SAFE_SQLITE.join('.')} or newer is needed`,
    )
  }
  const database = connectTo(path)
  const guard = path === ':memory:' ? undefined : fileGuard(path)
  // Statements are few and fixed in number: Kysely writes the same text for the same query.
  const statements = new Map<string, Prepared>()
  return {
    async exclusively(work) {
      await beginImmediate(database)
      try {
        const result = await work()
        orFault(() => database.exec('commit'))
        return result
      } catch (error) {
        if (database.isTransaction) database.exec('rollback')
        throw error
      }
    },
    leaveWal() {
      try {
        return database.prepare('pragma journal_mode = delete').get()?.['journal_mode'] === 'delete'
      } catch (error) {
        if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) return false
        throw sqliteFault(error)
      }
    },
    close: () => database.isOpen && database.close(),
    prepare(text) {
      const known = statements.get(text)
      if (known) return known
      const prepared = guarded(text, prepare(database.prepare(text)))
      if (statements.size < 256) statements.set(text, prepared)
      return prepared
    },
  }

  function guarded(text: string, prepared: Prepared): Prepared {
    // A transaction that failed may have been rolled back by SQLite itself (sqlite.org/lang_transaction.html).
    if (text === 'rollback')
      return { ...prepared, run: (values) => (database.isTransaction ? prepared.run(values) : NOTHING) }
    if (!guard) return prepared
    const look = /^select\b/i.test(text) ? guard.checkNowAndThen : guard.check
    const first =
      <T>(run: (values: readonly unknown[]) => T) =>
      (values: readonly unknown[]) => {
        look()
        return run(values)
      }
    return { ...prepared, all: first(prepared.all), run: first(prepared.run), iterate: first(prepared.iterate) }
  }
}

const NOTHING = { changes: 0, lastInsertRowid: 0 }

/** How long a statement may block the event loop for another process; the dialect waits longer without blocking. */
const BUSY_TIMEOUT_MS = 50

function connectTo(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: BUSY_MS })
    enterWal(database)
    database.exec('pragma synchronous = full; pragma foreign_keys = on')
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)
    return database
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new Error(`Cannot open the store at ${path}: ${why}`, { cause })
  }
}

/**
 * Of two processes that open a new file at once, one can be refused without SQLite having waited at all, because both
 * hold a lock that the other needs (sqlite.org/c3ref/busy_handler.html). It blocks, but only at a start.
 */
function enterWal(database: DatabaseSync): void {
  const giveUpAt = performance.now() + BUSY_MS
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      const busy = (error as { errcode?: unknown }).errcode === SQLITE_BUSY
      if (!busy || performance.now() > giveUpAt) throw error
    }
    Atomics.wait(pause, 0, 0, 20)
  }
}

type Prepared = ReturnType<SqliteDatabase['prepare']>
type Parameter = null | number | bigint | string | Uint8Array

function prepare(statement: StatementSync): Prepared {
  const parameters = (values: readonly unknown[]) => {
    checkStorable(values)
    return values.map((value) => (value === undefined ? null : value)) as Parameter[]
  }
  return {
    reader: statement.columns().length > 0,
    all: (values) => orFault(() => statement.all(...parameters(values))),
    run: (values) => orFault(() => statement.run(...parameters(values))),
    iterate: (values) => statement.iterate(...parameters(values)) as IterableIterator<unknown>,
  }
}

/** Tries again and again instead of blocking: the other writer may live on this very event loop. */
async function beginImmediate(database: DatabaseSync): Promise<void> {
  const giveUpAt = performance.now() + BUSY_MS
  for (;;) {
    try {
      database.exec('pragma busy_timeout = 0; begin immediate')
      return
    } catch (error) {
      const busy = (error as { errcode?: unknown }).errcode === SQLITE_BUSY
      if (!busy || performance.now() > giveUpAt) throw sqliteFault(error)
    } finally {
      database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
    await setTimeout(20)
  }
}

function orFault<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw sqliteFault(error)
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
