import { testDatabaseServer } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { seeded } from '../chaos/random.ts'
import { openPostgresDatabase, openSqliteDatabase } from './database.ts'
import { tamper } from './tamper.ts'

const TAMPERS = 100
const all = { tampers: TAMPERS, detected: TAMPERS, at_right_row: TAMPERS, false_alarms: 0, missed: [] }
const control = { control_unchained: { tampers: 50, detected: 0 } }

test('every change of an audit on SQLite is found at the right row, and none where nothing was changed', async () => {
  const database = await openSqliteDatabase()
  expect(await tamper(database, TAMPERS, seeded(7))).toMatchObject({ ...all, ...control })
  await database.close()
})

test.skipIf(testDatabaseServer === undefined)(
  'every change of an audit on PostgreSQL is found at the right row',
  async () => {
    const database = await openPostgresDatabase()
    expect(await tamper(database, TAMPERS, seeded(8))).toMatchObject({ ...all, ...control })
    await database.close()
  },
)
