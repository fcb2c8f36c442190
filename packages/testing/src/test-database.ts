/**
 * @module
 * For tests only: an empty PostgreSQL database of one's own on the server that QUARTERMASTER_TEST_DATABASE_URL names.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** Undefined when there is no server to test with; such tests are skipped, and `tools/with-postgres.sh` runs them. */
export const testDatabaseServer = process.env['QUARTERMASTER_TEST_DATABASE_URL']

export interface TestDatabase {
  readonly url: string
  /** Runs a statement in it, on a connection of its own. */
  run(statement: string): Promise<readonly Record<string, unknown>[]>
  /** Ends everybody's connections and removes it. */
  drop(): Promise<void>
}

/** @throws Error when there is no server. */
export async function createTestDatabase(
  server = testDatabaseServer,
  options = "encoding 'UTF8' template template0",
): Promise<TestDatabase> {
  if (server === undefined) throw new Error('Cannot make a database: QUARTERMASTER_TEST_DATABASE_URL is not set')
  const name = `qm_test_${randomBytes(6).toString('hex')}`
  await runAt(server, `create database ${name} ${options}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    run: (statement) => runAt(url.href, statement),
    drop: async () => void (await runAt(server, `drop database if exists ${name} with (force)`)),
  }
}

async function runAt(connectionString: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}
