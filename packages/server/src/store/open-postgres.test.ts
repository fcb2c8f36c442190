import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createTestDatabase, type TestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { Kysely, PostgresDialect } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { checkPostgres } from './check-postgres.ts'
import { openPostgresStore } from './open-postgres.ts'
import { suspicion } from './postgres-liveness.ts'
import { openPool, postgresAddress } from './postgres-pool.ts'
import type { Tables } from './schema.ts'
import { StoreUnavailable } from './unavailable.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function database(options?: string): Promise<TestDatabase> {
  const made = await createTestDatabase(testDatabaseServer, options)
  cleanups.push(() => made.drop())
  return made
}

const refusal = (url: string) =>
  openPostgresStore(url).then(
    async (store) => store.close().then(() => 'opened'),
    (error: unknown) => (error as Error).message,
  )

/** Opens a store in a process of its own; resolves with its exit code and what it said. */
function openElsewhere(call: string): Promise<string> {
  const text = `import { openStore } from '${new URL('./open.ts', import.meta.url)}'
    import { openPostgresStore } from '${new URL('./open-postgres.ts', import.meta.url)}'
    const store = await ${call}
    await store.meta.putIfAbsent('opened', 'yes')
    await store.close()`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=quartermaster-source', '--input-type=module', '-e', text])
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
    })
    child.once('exit', (code) => resolve(`${code}${said}`))
  })
}

test('openStore() lets four processes start at once on a new directory', async () => {
  const dir = mkdtempSync(`${tmpdir()}/qm-open-`)
  cleanups.push(() => rmSync(dir, { recursive: true }))
  const started = [1, 2, 3, 4].map(() => openElsewhere(`openStore(${JSON.stringify(dir)})`))
  expect(await Promise.all(started)).toEqual(['0', '0', '0', '0'])
})

test('openPostgresStore() says what an address must look like, and never repeats one', async () => {
  for (const url of ['', 'hunter2', 'mysql://u:hunter2@h/d', 'postgres://u:hunter2@h', 'postgres:///hunter2']) {
    const said = await refusal(url)
    expect(said).toMatch(/must be postgres:\/\//)
    expect(said).not.toContain('hunter2')
  }
  expect(await refusal('postgres://u:hunter2@127.0.0.1:1/d')).toBe(
    'Cannot use the database at 127.0.0.1:1/d: ECONNREFUSED',
  )
})

test('suspicion() becomes certainty only when a lock stays free, look after look, for half a second', async () => {
  let now = 0
  let free = true
  const isDead = suspicion(
    async () => free,
    () => now,
  )
  const at = async (ms: number) => {
    now = ms
    return isDead('elsewhere:1:1:abc')
  }
  expect([await at(0), await at(100), await at(499), await at(500)]).toEqual([false, false, false, true])
  // It has its lock again, as after a restart of the database.
  free = false
  expect(await at(510)).toBe(false)
  free = true
  expect([await at(520), await at(1_000), await at(1_020)]).toEqual([false, false, true])
  // Two looks far apart prove nothing about the time between them.
  expect([await at(9_000), await at(9_400), await at(9_500)]).toEqual([false, false, true])
})

describe.skipIf(testDatabaseServer === undefined)('openPostgresStore()', () => {
  test('lets four processes start at once on an empty database', async () => {
    const { url, run } = await database()
    const started = [1, 2, 3, 4].map(() => openElsewhere(`openPostgresStore(${JSON.stringify(url)})`))
    expect(await Promise.all(started)).toEqual(['0', '0', '0', '0'])
    expect(await run('select value from meta')).toEqual([{ value: 'yes' }])
    expect(await run('select count(*)::int as n from kysely_migration')).toEqual([{ n: expect.any(Number) }])
  })

  test('refuses settings that lose or misread data, all of them at once', async () => {
    const bad = await database("encoding 'SQL_ASCII' locale 'C' template template0")
    const name = new URL(bad.url).pathname.slice(1)
    await bad.run(`alter database ${name} set synchronous_commit = off`)
    const said = await refusal(bad.url)
    expect(said).toMatch(/^Cannot open the database at 127\.0\.0\.1:\d+\/qm_test_/)
    expect(said).toMatch(/synchronous_commit is off/)
    expect(said).toMatch(/its encoding is SQL_ASCII/)
    expect(said).not.toContain(new URL(bad.url).password)
  })

  test('refuses a clock that differs by more than two seconds, in either direction', async () => {
    const { url } = await database()
    const pool = await openPool(postgresAddress(url))
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    cleanups.push(() => db.destroy())
    const ahead = (offset: number) =>
      checkPostgres(db, 'there', () => Date.now() + offset).then(
        () => 'fine',
        (error: unknown) => (error as Error).message,
      )
    expect(await ahead(3_000)).toMatch(/differ by \d+\.\d s/)
    expect(await ahead(-3_000)).toMatch(/differ by \d+\.\d s/)
    expect(await ahead(1_500)).toBe('fine')
  })

  test('says what is wrong with the user, the password and the name of the database, without the password', async () => {
    const { url } = await database()
    const wrong = (change: (url: URL) => void) => {
      const changed = new URL(url)
      change(changed)
      return refusal(changed.href)
    }
    const password = await wrong((changed) => {
      changed.password = 'hunter2'
    })
    expect(password).toMatch(/password authentication failed for user "quartermaster"/)
    expect(password).not.toContain('hunter2')
    const missing = await wrong((changed) => {
      changed.pathname = '/nowhere'
    })
    expect(missing).toMatch(/at 127\.0\.0\.1:\d+\/nowhere: database "nowhere" does not exist/)
  })

  test('knows a process of another host by its lock, and takes its own again when the connection is cut', async () => {
    const { url, run } = await database()
    const store = await openPostgresStore(url)
    cleanups.push(() => store.close())
    expect(await store.isDead('elsewhere:1:1:abc')).toBe(false)
    while (!(await store.isDead('elsewhere:1:1:abc')));

    const holder = `select pid from pg_locks where locktype = 'advisory' and granted
      and database = (select oid from pg_database where datname = current_database())`
    const [before] = await run(holder)
    await run(`select pg_terminate_backend(${before!['pid']})`)
    for (;;) {
      const [after] = await run(holder)
      if (after && after['pid'] !== before!['pid']) break
    }
  })

  test('gives up on a statement that hangs, as unavailable, and goes on', async () => {
    const { url, run } = await database()
    const store = await openPostgresStore(url)
    cleanups.push(() => store.close())
    await run(
      'create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$; create trigger t before insert on meta for each row execute function slow()',
    )
    const error = await store.meta.putIfAbsent('k', 'v').catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect((error as Error).message).toMatch(/statement timeout/)
    await run('drop trigger t on meta')
    await store.meta.putIfAbsent('k', 'v')
    expect(await store.meta.get('k')).toBe('v')
  })
})
