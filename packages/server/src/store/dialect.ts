/**
 * @module
 * Everything in which the two databases differ, in one place. The rest of the store is written in the SQL they share.
 */
import { type ColumnDefinitionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { Tables } from './tables.ts'

export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Column type of ciphertext. */
  readonly bytes: 'blob' | 'bytea'
  /** Column type of a number that the database counts up, and what makes it do so. */
  readonly serial: 'integer' | 'bigint'
  readonly counted: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder
  /** For a query that claims rows: leaves out those that another process is claiming at this moment. */
  readonly skipLocked: <DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>) => typeof query
  /**
   * Writes to the audit so that its numbers become visible in their order. PostgreSQL draws a number when a row is
   * written and shows it when it is committed; without turns, a reader could pass a number that appears only later.
   */
  readonly inTurn: (db: Kysely<Tables>, write: (db: Kysely<Tables>) => Promise<unknown>) => Promise<void>
}

export const sqlite: Dialect = {
  name: 'sqlite',
  bytes: 'blob',
  serial: 'integer',
  counted: (column) => column.autoIncrement(),
  // There is one writer at a time, so there is nothing to skip and no turn to take.
  skipLocked: (query) => query,
  inTurn: async (db, write) => void (await write(db)),
}

/** Any number, as long as every process of an installation uses the same. */
const AUDIT_TURN = 4_791_023_118

export const postgres: Dialect = {
  name: 'postgres',
  bytes: 'bytea',
  serial: 'bigint',
  counted: (column) => column.generatedByDefaultAsIdentity(),
  skipLocked: (query) => query.forUpdate().skipLocked(),
  async inTurn(db, write) {
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(AUDIT_TURN)})`.execute(tx)
      await write(tx)
    })
  },
}
