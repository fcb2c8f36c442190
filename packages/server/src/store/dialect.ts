/**
 * @module
 * Everything in which the two databases differ, in one place. The rest of the store is written in the SQL they share.
 */
import { type ColumnDefinitionBuilder, CompiledQuery, type Kysely, type SelectQueryBuilder } from 'kysely'
import type { ChainHead } from '../entities/audit-entry.ts'
import { type InsertMany, insertManyPostgres, insertManySqlite } from './insert-many.ts'
import type { Tables } from './schema.ts'

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
   * from the one before it, and numbers become visible in their order. It begins with a look at the ends of chains.
   */
  readonly inSerialTransaction: (
    db: Kysely<Tables>,
    tenants: readonly string[],
    write: (db: Kysely<Tables>, heads: readonly SeenHead[]) => Promise<unknown>,
  ) => Promise<void>
  readonly insertMany: InsertMany
}

/** The end of a chain, and with it the number of the last row over all tenants. */
export interface SeenHead extends ChainHead {
  readonly last: number | null
}

const seenHeads = 'select tenant, seq, hash, at, mac, (select max(seq) from audit) as last from audit_head'

export const sqlite: Dialect = {
  name: 'sqlite',
  bytes: 'blob',
  serial: 'integer',
  counted: (column) => column.autoIncrement(),
  insertMany: insertManySqlite,
  // There is one writer at a time, so there is nothing to skip.
  skipLocked: (query) => query,
  // With the write lock from the beginning: a transaction that reads first and writes later fails when another process
  // wrote in between.
  inSerialTransaction: (db, tenants, write) =>
    serialTransaction(db, write, {
      begin: [CompiledQuery.raw('begin immediate')],
      look: CompiledQuery.raw(`${seenHeads} where tenant in (select value from json_each(?))`, [
        JSON.stringify(tenants),
      ]),
    }),
}

/** Any number, as long as every process of an installation uses the same. */
const AUDIT_LOCK = 4_791_023_118

export const postgres: Dialect = {
  name: 'postgres',
  bytes: 'bytea',
  serial: 'bigint',
  counted: (column) => column.generatedByDefaultAsIdentity(),
  insertMany: insertManyPostgres,
  skipLocked: (query) => query.forUpdate().skipLocked(),
  inSerialTransaction(db, tenants, write) {
    // One way there and back. Each statement of the text sees what was committed when it begins (PostgreSQL, 13.2.1), so
    // the look comes after the lock. Hexadecimal digits, because such a text cannot have parameters.
    const names = Buffer.from(JSON.stringify(tenants)).toString('hex')
    const look = `begin isolation level read committed; select pg_advisory_xact_lock(${AUDIT_LOCK}); ${seenHeads}
      where tenant = any(array(
        select jsonb_array_elements_text(convert_from(decode('${names}', 'hex'), 'UTF8')::jsonb)))`
    return serialTransaction(db, write, { begin: [], look: CompiledQuery.raw(look) })
  },
}

interface SerialQueries {
  readonly begin: readonly CompiledQuery[]
  readonly look: CompiledQuery
}

function serialTransaction(
  db: Kysely<Tables>,
  write: Parameters<Dialect['inSerialTransaction']>[2],
  { begin, look }: SerialQueries,
): Promise<void> {
  return db.connection().execute(async (own) => {
    for (const query of begin) await own.executeQuery(query)
    try {
      const { rows } = await own.executeQuery(look as CompiledQuery<SeenHead>)
      await write(own, rows)
      const { rows: ended } = await own.executeQuery(CompiledQuery.raw('commit') as CompiledQuery<Ended>)
      // What PostgreSQL answers when an earlier statement has failed.
      if (ended[0]?.command === 'ROLLBACK') throw new Error('Cannot commit: the transaction was rolled back')
    } catch (error) {
      // A connection that cannot even do this is not used again.
      await own.executeQuery(CompiledQuery.raw('rollback')).catch(() => undefined)
      throw error
    }
  })
}

interface Ended {
  readonly command: string
}
