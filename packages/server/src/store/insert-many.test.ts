import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import pg from 'pg'
import { expect, test } from 'vitest'
import { arrayText } from './insert-many.ts'

const texts = [
  '',
  'null',
  'NULL',
  'a,b',
  '{}',
  '"',
  '\\',
  '\\n',
  '\\"',
  "'",
  ' x ',
  '\n',
  '\t\\',
  '\b"',
  'é漢🙂',
  '\u0001',
]

test('arrayText() leaves what is plain as JSON writes it, and refuses what cannot be stored', () => {
  expect(arrayText([])).toBe('{}')
  expect(arrayText([1, null, 'a"b\\'])).toBe('{1,null,"a\\"b\\\\"}')
  for (const text of ['a\u0000', '\ud800']) expect(() => arrayText(['fine', text])).toThrow('Cannot store')
})

test.skipIf(testDatabaseServer === undefined)('arrayText() is read by PostgreSQL as it was written', async () => {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const back = async (type: string, list: readonly (string | number | null)[]) => {
    const { rows } = await client.query(
      `select array_agg(one order by nth) as list
      from unnest($1::${type}[]) with ordinality as listed (one, nth)`,
      [arrayText(list)],
    )
    return rows[0].list
  }
  expect(await back('text', [...texts, null])).toEqual([...texts, null])
  for (const text of texts) expect(await back('text', [text])).toEqual([text])
  expect(await back('integer', [0, -5, null, 2_147_483_647])).toEqual([0, -5, null, 2_147_483_647])
  await client.end()
  await database.drop()
})
