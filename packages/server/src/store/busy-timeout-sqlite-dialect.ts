/**
 * @module
 * Kysely's SQLite dialect, waiting for another process's write lock without blocking the event loop.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type DatabaseConnection, type Driver, SqliteDialect } from 'kysely'
import { StoreUnavailable } from './unavailable.ts'

/** Long enough for another process's batch, short enough that a call can still say in time that it failed. */
const BUSY_TIMEOUT_MS = 1_400
/** SQLITE_BUSY (sqlite.org/rescode.html#busy). Its extended codes mean that waiting does not help. */
const BUSY = 5

export class BusyTimeoutSqliteDialect extends SqliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver()
    const acquire = driver.acquireConnection.bind(driver)
    let known: { readonly plain: DatabaseConnection; readonly retrying: DatabaseConnection } | undefined
    driver.acquireConnection = async (options) => {
      const plain = await acquire(options)
      if (known?.plain !== plain) known = { plain, retrying: retryBusy(plain) }
      return known.retrying
    }
    return driver
  }
}

function retryBusy(connection: DatabaseConnection): DatabaseConnection {
  return {
    executeQuery: async (query, options) => {
      const giveUpAt = performance.now() + BUSY_TIMEOUT_MS
      for (let pauseMs = 5; ; pauseMs = Math.min(100, pauseMs * 2)) {
        try {
          return await connection.executeQuery(query, options)
        } catch (error) {
          if (!isBusy(error) || performance.now() > giveUpAt) throw error
        }
        await delay(pauseMs * (0.5 + Math.random() / 2))
      }
    },
    streamQuery: connection.streamQuery.bind(connection),
  }
}

function isBusy(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly errcode?: unknown } }
  return error instanceof StoreUnavailable && cause?.errcode === BUSY
}
