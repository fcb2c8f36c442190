/**
 * @module
 * Everything in which the two databases differ, in one place. The rest of the store is written in the SQL they share.
 */
import { type ColumnDefinitionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { type InsertMany, insertManyPostgres, insertManySqlite } from './insert-many.ts'
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
   * One transaction that no other writer of the audit, here or in another process, comes between: each row follows
   * from the one before it, and numbers become visible in their order.
   */
  readonly inTurn: (db: Kysely<Tables>, write: (db: Kysely<Tables>) => Promise<unknown>) => Promise<void>
  readonly insertMany: InsertMany
}

export const sqlite: Dialect = {
  name: 'sqlite',
  bytes: 'blob',
  serial: 'integer',
  counted: (column) => column.autoIncrement(),
  insertMany: insertManySqlite,
  // There is one writer at a time, so there is nothing to skip.
  skipLocked: (query) => query,
  async inTurn(db, write) {
    await db.transaction().execute(async (tx) => {
      // A transaction that reads first and writes later fails when another process wrote in between. This one begins
      // with a write that changes nothing, and so holds the write lock from its first statement on.
      await sql`update meta set value = value where key = ${sql.lit('audit_turn')}`.execute(tx)
      await write(tx)
    })
  },
}

/** Any number, as long as every process of an installation uses the same. */
const AUDIT_TURN = 4_791_023_118

export const postgres: Dialect = {
  name: 'postgres',
  bytes: 'bytea',
  serial: 'bigint',
  counted: (column) => column.generatedByDefaultAsIdentity(),
  insertMany: insertManyPostgres,
  skipLocked: (query) => query.forUpdate().skipLocked(),
  async inTurn(db, write) {
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(AUDIT_TURN)})`.execute(tx)
      await write(tx)
    })
  },
}
