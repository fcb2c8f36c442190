/**
 * @module
 * The one error of a store that cannot answer now but may soon: gone, full, busy, restarting. What a statement itself
 * did wrong is never this error.
 */

/** Its message says where the store is and what is the case, never a password or a value. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/**
 * SQLSTATE classes and codes that speak of the server and not of the statement (PostgreSQL, appendix A): connection,
 * authorization, missing database, transaction rollback, resources, operator intervention, I/O; a lock that was not to
 * be had; a server that is read-only, as a standby is before it is promoted. Their messages quote no values.
 */
const serverStates = /^(08|28|3D|40|53|57|58)|^(55P03|25006|25P03)$/

/** Turns what the PostgreSQL driver threw into {@link StoreUnavailable} when that is what it means. */
export function postgresFault(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable || error instanceof TypeError) return error
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  // Without a severity no server has spoken: the connection could not be made, or broke.
  const state = severity === undefined ? undefined : String(code)
  if (state !== undefined && !serverStates.test(state)) return error
  const why = state === undefined && typeof code === 'string' ? code : error.message
  return new StoreUnavailable(`Cannot use the database at ${where}: ${why}`, { cause: error })
}

/** Primary result codes: busy, locked, read-only, I/O error, full, cannot open (sqlite.org/rescode.html). */
const sqliteStates: Readonly<Record<number, string>> = {
  5: 'another process is holding it',
  6: 'another process is holding it',
  8: 'it is read-only',
  10: 'its disk is full or reports an error',
  13: 'its disk is full',
  14: 'its file cannot be opened',
}

/** The same for node:sqlite. */
export function sqliteFault(error: unknown): unknown {
  const { errcode } = error as { errcode?: unknown }
  const state = typeof errcode === 'number' ? sqliteStates[errcode & 0xff] : undefined
  return state === undefined ? error : new StoreUnavailable(`Cannot use the database: ${state}`, { cause: error })
}
