/**
 * @module
 * Opens the shared store: a PostgreSQL database that any number of processes on any number of hosts use at once.
 */
import { Kysely, PostgresDialect } from 'kysely'
import { checkPostgres } from './check-postgres.ts'
import { postgres } from './dialect.ts'
import { migrate } from './migrate.ts'
import { type Store, storeOn } from './open.ts'
import { postgresLiveness } from './postgres-liveness.ts'
import { openPool, type PostgresAddress, postgresAddress } from './postgres-pool.ts'
import type { Tables } from './schema.ts'

/** What it takes to run on PostgreSQL, beside the store: for the command that moves data there. */
export interface OpenDatabase {
  readonly db: Kysely<Tables>
  /** `host:port/database`, for people. */
  readonly where: string
}

/**
 * Opens the database at `postgres://user:password@host:port/database`, checked and migrated to the current schema.
 * @throws Error that says what is wrong with the address, the server or its settings; never the password.
 */
export async function openPostgresStore(databaseUrl: string): Promise<Store> {
  const address = postgresAddress(databaseUrl)
  await prepare(address)
  const liveness = await postgresLiveness(address)
  const pool = await openPool(address)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return storeOn(db, postgres, liveness.over(db), () => liveness.release())
}

/** Runs `work` on a checked and migrated database without time limits, as long copies need. */
export async function withPostgres<T>(databaseUrl: string, work: (open: OpenDatabase) => Promise<T>): Promise<T> {
  const address = postgresAddress(databaseUrl)
  return prepare(address, work)
}

/** Checks and migrates on connections without a time limit: a migration may take long, or wait for another's. */
async function prepare(address: PostgresAddress): Promise<void>
async function prepare<T>(address: PostgresAddress, work: (open: OpenDatabase) => Promise<T>): Promise<T>
async function prepare<T>(address: PostgresAddress, work?: (open: OpenDatabase) => Promise<T>): Promise<T | undefined> {
  const pool = await openPool(address, { connections: 2, statementMs: 0 })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await checkPostgres(db, address.where, Date.now)
    await migrate(db, postgres)
    return await work?.({ db, where: address.where })
  } finally {
    await db.destroy()
  }
}
