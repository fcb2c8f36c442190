/**
 * @module
 * A store together with a way to change its database behind its back, as somebody does who can write to it but has no
 * keys.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openPostgresStore, openStore, type Store } from '@quartermaster/server'
import { createTestDatabase } from '@quartermaster/testing'
import pg from 'pg'

export type Cell = string | number | null
export type Row = Record<string, Cell>

export interface OpenDatabase {
  readonly store: Store
  /** For a server in a process of its own. */
  readonly options: readonly string[]
  /** Runs one statement with `?` for its parameters. */
  run(statement: string, ...values: Cell[]): Promise<Row[]>
  /** Keeps every other writer of the audit out until the result is called; with `all`, whoever wants anything. */
  block(all?: 'all'): Promise<() => Promise<void>>
  close(): Promise<void>
}

export async function openSqliteDatabase(): Promise<OpenDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-audit-'))
  const store = await openStore(dir)
  const raw = new DatabaseSync(join(dir, 'quartermaster.db'), { timeout: 5_000 })
  return {
    store,
    options: ['--data', dir],
    run: async (statement, ...values) => raw.prepare(statement).all(...values) as Row[],
    async block() {
      raw.exec('begin immediate')
      return async () => raw.exec('rollback')
    },
    async close() {
      raw.close()
      await store.close()
      rmSync(dir, { recursive: true })
    },
  }
}

export async function openPostgresDatabase(): Promise<OpenDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-audit-'))
  const database = await createTestDatabase()
  const store = await openPostgresStore(database.url)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const INT8 = 20
  const getTypeParser: typeof pg.types.getTypeParser = (oid, format) =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)
  return {
    store,
    options: ['--data', dir, '--database-url', database.url],
    async run(statement, ...values) {
      let n = 0
      const text = statement.replaceAll('?', () => `$${++n}`)
      return (await client.query<Row>({ text, values, types: { getTypeParser } })).rows
    },
    async block(all) {
      await client.query('begin')
      const tables = all ? 'audit, account, api_token, mcp_server, made_write' : 'audit'
      await client.query(`lock table ${tables} in ${all ? 'access exclusive' : 'exclusive'} mode`)
      return async () => void (await client.query('rollback'))
    },
    async close() {
      await client.end()
      await store.close()
      await database.drop()
      rmSync(dir, { recursive: true })
    },
  }
}
