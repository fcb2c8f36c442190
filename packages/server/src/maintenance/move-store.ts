/**
 * @module
 * Moves a data directory to an empty PostgreSQL database: all or nothing, compared row by row, and only while nobody
 * else has the directory open. Afterwards the directory is marked, because a refresh token must live in one place only.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, SqliteDialect, sql } from 'kysely'
import type { KeyRing } from '../keys/key-ring.ts'
import { sqlite } from '../store/dialect.ts'
import { MOVED_TO } from '../store/meta.ts'
import { migrate } from '../store/migrate.ts'
import { withPostgres } from '../store/open-postgres.ts'
import { tableOrder } from '../store/primary-keys.ts'
import type { Tables } from '../store/schema.ts'
import { openSqlite } from '../store/sqlite-database.ts'
import { openGrant } from '../vault/grant.ts'
import { copyTable, countRows } from './copy-table.ts'

export interface MoveOptions {
  readonly dataDir: string
  readonly databaseUrl: string
  readonly ring: KeyRing
}

export interface Moved {
  /** `host:port/database`. */
  readonly to: string
  readonly tables: readonly { readonly name: string; readonly rows: number }[]
  /** Grants that the key ring opens, read from the new database. */
  readonly grantsOpened: number
  /** Grants that did not open before either, of accounts that were quarantined for it. */
  readonly grantsClosed: number
}

/** @throws Error that says why nothing was moved; both sides are as they were. */
export async function moveStore(options: MoveOptions): Promise<Moved> {
  const path = join(options.dataDir, 'quartermaster.db')
  if (!existsSync(path)) throw new Error(`Cannot move: there is no ${path}`)
  const database = openSqlite(path)
  const from = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
  try {
    const alone = () => {
      if (!database.leaveWal()) {
        throw new Error(`Cannot move ${options.dataDir}: a server has it open. Stop it, then move`)
      }
    }
    alone()
    return await database.exclusively(async () => {
      // A server may have come in between; from here on none can.
      alone()
      await migrate(from, sqlite)
      const [note] = await from.selectFrom('meta').select('value').where('key', '=', MOVED_TO).execute()
      if (note) throw new Error(`Cannot move ${options.dataDir}: it was moved to ${note.value} before`)
      // The new database is committed first. Should the mark then fail, what was moved is there, and a second attempt
      // finds a database that is not empty and says so.
      const moved = await withPostgres(options.databaseUrl, ({ db, where }) => fill(db, where, from, options.ring))
      await from.insertInto('meta').values({ key: MOVED_TO, value: moved.to }).execute()
      return moved
    })
  } finally {
    await from.destroy()
    // Kysely closes only what it has used.
    database.close()
  }
}

function fill(db: Kysely<Tables>, where: string, from: Kysely<Tables>, ring: KeyRing): Promise<Moved> {
  return db.transaction().execute(async (to) => {
    const names = tableOrder.map((name) => sql.table(name))
    await sql`lock table ${sql.join(names)} in access exclusive mode`.execute(to)
    for (const name of tableOrder) {
      if ((await countRows(to, name)) > 0) {
        throw new Error(`Cannot move to ${where}: its table ${name} is not empty. Name an empty database`)
      }
    }
    const tables = []
    for (const name of tableOrder) tables.push({ name, rows: await copyTable(from, to, name) })
    await continueCounting(to)
    return { to: where, tables, ...(await openGrants(to, ring)) }
  })
}

/** Numbers that the database counts up go on after those that were copied. */
async function continueCounting(to: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES'`.execute(to)
  for (const { table_name, column_name } of rows) {
    await sql`select setval(pg_get_serial_sequence(${table_name}, ${column_name}), max(${sql.ref(column_name)}))
      from ${sql.table(table_name)} having count(*) > 0`.execute(to)
  }
}

async function openGrants(to: Kysely<Tables>, ring: KeyRing) {
  const secrets = to
    .selectFrom('account_secret as secret')
    .innerJoin('account', 'account.id', 'secret.account_id')
    .select(['account.id', 'account.tenant', 'account.status', 'secret.kid', 'secret.sealed', 'secret.ver'])
  let grantsOpened = 0
  let grantsClosed = 0
  for (let after = ''; ; ) {
    const rows = await secrets.where('account.id', '>', after).orderBy('account.id').limit(1_000).execute()
    for (const { id, tenant, status, ...row } of rows) {
      if (openGrant(ring, { tenant, accountId: id }, row)) grantsOpened += 1
      else if (status === 'quarantined') grantsClosed += 1
      else throw new Error(`Cannot move: the grant of ${id} does not open with this key ring`)
    }
    const last = rows.at(-1)
    if (!last) return { grantsOpened, grantsClosed }
    after = last.id
  }
}
