/**
 * @module
 * A {@link GateStore} in a SQLite file, for the processes of one machine. Uses the runtime's own SQLite.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { GateStore } from './gate-store.ts'
import { type SqlQuery, sqlGateStore } from './sql-gate-store.ts'

/** A writer that waits longer than this lets the gate go on without the store. */
const BUSY_MS = 200

export interface SqliteGateStore extends GateStore {
  close(): void
}

/**
 * @example
 * ```ts
 * const gate = new RateGate({ store: sqliteGateStore('/var/run/agents/gate.db') })
 * ```
 * @throws Error when this runtime has no SQLite, or the file cannot be opened.
 */
export function sqliteGateStore(path: string): SqliteGateStore {
  // Loaded when asked for, so that runtimes without it can use everything else.
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  if (!sqlite) throw new Error('Cannot open the gate store: this runtime has no SQLite. Use Node 22.18 or newer')
  const db: DatabaseSync = new sqlite.DatabaseSync(path, { timeout: BUSY_MS })
  // Permits are worth nothing after a power cut, so nothing waits for the disk.
  db.exec('pragma synchronous = off')
  try {
    db.exec('pragma journal_mode = wal')
  } catch {
    // Another process is switching the file at this moment; the mode is the file's, so that does for all.
  }
  const statements = new Map<string, StatementSync>()
  const query: SqlQuery = async (text, values) => {
    const statement = statements.get(text) ?? db.prepare(text.replace(/\$(\d+)/g, '?$1'))
    statements.set(text, statement)
    return { rows: statement.all(...(values as readonly SQLInputValue[])) as Record<string, unknown>[] }
  }
  return { ...sqlGateStore(query, { dialect: 'sqlite' }), close: () => db.close() }
}
