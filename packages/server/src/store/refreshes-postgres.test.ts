import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { sampleAccount, sampleGrant, sampleTimes } from '../../test/store/samples.ts'
import { openPostgresStore } from './open-postgres.ts'

test.skipIf(testDatabaseServer === undefined)(
  'claimDue() does not take up an account whose refresh is stored while the claim waits for its row',
  async () => {
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    const store = await openPostgresStore(database.url)
    onTestFinished(() => store.close())
    const { id, system } = sampleAccount()
    await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
    const now = sampleTimes.refreshAt + 1
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    onTestFinished(() => other.end())

    await other.query('begin')
    await other.query('update account set refresh_at = $1, ver = 2 where id = $2', [now + 1_000_000, id])
    const claim = store.refreshes.claimDue({ system, owner: 'late', until: now + 10_000, now, limit: 8 })
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%update account set%'`
    while ((await database.run(waiting)).length === 0) await new Promise((resolve) => setImmediate(resolve))
    await other.query('commit')
    expect(await claim).toEqual([])
    expect(await store.accounts.state(id)).toMatchObject({ ver: 2, attempts: 0, leaseOwner: undefined })
  },
)
