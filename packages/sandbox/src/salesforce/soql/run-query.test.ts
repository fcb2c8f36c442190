/**
 * @module
 * Proves what queries mean and where refusals point.
 */
import { expect, test } from 'vitest'
import { createWorld } from '../../world/create-world.ts'
import { Refused } from '../refusal.ts'
import type { Row } from '../row.ts'
import { findEntity } from '../schema/entity.ts'
import { seed } from '../seed.ts'
import { runQuery } from './run-query.ts'

const NOW = Date.UTC(2026, 10, 22, 12)

/** An org whose only contacts are these. */
function orgOf(contacts: readonly Row[]) {
  const org = seed(createWorld('acme', 1))
  const entity = findEntity(org.store.schema, 'Contact')!
  const writer = { userId: org.runningUserId, now: NOW }
  for (const row of org.store.rows('Contact')) org.store.remove(entity, String(row['Id']), writer)
  const ids = contacts.map((row) => String(org.store.insert(entity, row, writer)['Id']))
  const options = { store: org.store, root: '/services/data/v67.0', now: NOW }
  const run = (soql: string) => runQuery(soql, options)
  const last = (rest: string) => run(`SELECT LastName FROM Contact ${rest}`).records.map((row) => row['LastName'])
  return { org, ids, run, last }
}

function faultOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (error instanceof Refused) return error.faults[0]!
  }
  throw new Error('the query was not refused')
}

test('runQuery() compares text without case, and nothing as different from everything', () => {
  const { last } = orgOf([{ LastName: 'Doe', Title: 'CEO' }, { LastName: 'Roe', Title: null }, { LastName: 'Poe' }])
  expect(last("WHERE LastName = 'DOE'")).toEqual(['Doe'])
  expect(last("WHERE Title != 'cto' ORDER BY LastName")).toEqual(['Doe', 'Poe', 'Roe'])
  expect(last('WHERE Title = null ORDER BY LastName')).toEqual(['Poe', 'Roe'])
  expect(last("WHERE Title = '' ORDER BY LastName")).toEqual(['Poe', 'Roe'])
  expect(last("WHERE Title < 'z'")).toEqual(['Doe'])
  expect(last("WHERE (NOT Title LIKE 'c%') ORDER BY LastName DESC")).toEqual(['Roe', 'Poe'])
  expect(last("WHERE LastName LIKE '_oe' AND (Title = 'ceo' OR LastName = 'poe') ORDER BY LastName")).toEqual([
    'Doe',
    'Poe',
  ])
  expect(last("WHERE LastName NOT IN ('doe', 'ROE')")).toEqual(['Poe'])
})

test('runQuery() compares ids with case and in both lengths', () => {
  const { last, ids } = orgOf([{ LastName: 'A' }, { LastName: 'B' }])
  const [a, b] = [ids[0]!, ids[1]!]
  expect(last(`WHERE Id = '${a}'`)).toEqual(['A'])
  expect(last(`WHERE Id = '${a.slice(0, 15)}'`)).toEqual(['A'])
  expect(last(`WHERE Id > '${a.slice(0, 15)}' ORDER BY Id`)).toEqual(['B'])
  const swapped = [...b.slice(0, 15)].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('')
  expect(last(`WHERE Id = '${swapped}'`)).toEqual([])
  expect(faultOf(() => last("WHERE Id = 'nonsense'")).errorCode).toBe('INVALID_QUERY_FILTER_OPERATOR')
})

test('runQuery() walks a table with a keyset and never shows a record twice', () => {
  const { run } = orgOf(Array.from({ length: 25 }, (_, index) => ({ LastName: `N${index % 3}` })))
  const seen: string[] = []
  let from = ''
  for (;;) {
    const { records } = run(`SELECT Id FROM Contact${from} ORDER BY Id ASC LIMIT 10`)
    if (records.length === 0) break
    seen.push(...records.map((record) => String(record['Id'])))
    from = ` WHERE Id > '${seen.at(-1)}'`
  }
  expect(seen.length).toBe(25)
  expect(new Set(seen).size).toBe(25)
})

test('runQuery() orders nothing first unless told otherwise, and pages with LIMIT and OFFSET', () => {
  const { last, run } = orgOf([
    { LastName: 'A', Title: 'x' },
    { LastName: 'B', Title: null },
    { LastName: 'C', Title: 'Y' },
  ])
  expect(last('ORDER BY Title')).toEqual(['B', 'A', 'C'])
  expect(last('ORDER BY Title DESC NULLS LAST')).toEqual(['C', 'A', 'B'])
  expect(last('ORDER BY LastName LIMIT 1 OFFSET 1')).toEqual(['B'])
  expect(run('SELECT COUNT() FROM Contact').totalSize).toBe(3)
  expect(run('SELECT COUNT(Title) n, MIN(Title) FROM Contact').records).toEqual([
    { attributes: { type: 'AggregateResult' }, n: 2, expr0: 'x' },
  ])
})

test('runQuery() reads moments as moments, and relative dates in UTC', () => {
  const { last } = orgOf([
    { LastName: 'Old', CreatedDate: '2024-03-15T10:00:00.000+0000', Birthdate: '1990-01-31' },
    { LastName: 'New', CreatedDate: '2026-11-22T00:00:00.000+0000', Birthdate: null },
  ])
  expect(last('WHERE CreatedDate = 2024-03-15T12:00:00+02:00')).toEqual(['Old'])
  expect(last('WHERE CreatedDate > 2024-03-15T10:00:00Z')).toEqual(['New'])
  expect(last('WHERE CreatedDate = TODAY')).toEqual(['New'])
  expect(last('WHERE CreatedDate < LAST_N_DAYS:30')).toEqual(['Old'])
  expect(last('WHERE Birthdate >= 1990-01-31')).toEqual(['Old'])
  expect(faultOf(() => last('WHERE Birthdate = 1990-02-30')).errorCode).toBe('INVALID_FIELD')
})

test('runQuery() nests parents, children and semi-joins', () => {
  const { run } = orgOf([])
  const [deal] = run(
    'SELECT Name, Account.Name, Account.Owner.Name, Owner.Email, (SELECT ContactId FROM OpportunityContactRoles) FROM Opportunity LIMIT 1',
  ).records
  expect(deal).toMatchObject({
    Account: { attributes: { type: 'Account' }, Owner: { attributes: { type: 'User' } } },
    Owner: { attributes: { type: 'User' } },
  })
  const open = run(
    'SELECT Id FROM Opportunity WHERE StageName IN (SELECT MasterLabel FROM OpportunityStage WHERE IsClosed = false)',
  )
  expect(open.totalSize).toBe(run('SELECT Id FROM Opportunity WHERE IsClosed = false').totalSize)
  expect(open.totalSize).toBeGreaterThan(0)
})

test.each([
  ['SELECT FROM Contact', 8, "unexpected token: 'FROM'", 'MALFORMED_QUERY'],
  ['SELECT Id FROM Contact WHERE', 29, "unexpected token: '<EOF>'", 'MALFORMED_QUERY'],
  [
    "SELECT Id FROM Contact WHERE Name = 'a' AND Title = 'b' OR Id = null",
    57,
    "unexpected token: 'OR'",
    'MALFORMED_QUERY',
  ],
  ["SELECT Id FROM Contact WHERE Name = 'a' AND NOT (Id = null)", 45, "unexpected token: 'NOT'", 'MALFORMED_QUERY'],
  ['SELECT Id FROM Contact WHERE Name = Title', 37, "unexpected token: 'Title'", 'MALFORMED_QUERY'],
  ['SELECT Id FROM Contact LIMIT 1 WHERE Id = null', 32, "unexpected token: 'WHERE'", 'MALFORMED_QUERY'],
  ['SELECT Id FROM Contact LIMIT -1', 30, "unexpected token: '-1'", 'MALFORMED_QUERY'],
  ['SELECT Bad FROM Contact', 8, "No such column 'Bad' on entity 'Contact'", 'INVALID_FIELD'],
  ['SELECT Id, Account.Bad FROM Contact', 12, "No such column 'Bad' on entity 'Account'", 'INVALID_FIELD'],
  ['SELECT Bad.Name FROM Contact', 8, "Didn't understand relationship 'Bad'", 'INVALID_FIELD'],
  ['SELECT Id FROM Bad', 16, "sObject type 'Bad' is not supported", 'INVALID_TYPE'],
  ['SELECT Id, Id FROM Contact', 12, 'duplicate field selected: Id', 'INVALID_FIELD'],
  ['SELECT Id FROM Contact WHERE Description = null', 30, 'can not be filtered', 'INVALID_FIELD'],
  [
    "SELECT Id FROM Opportunity WHERE Amount > '5'",
    43,
    'must be of type currency and should not be enclosed',
    'INVALID_FIELD',
  ],
  ['SELECT Id FROM Contact WHERE Name = 5', 37, 'must be of type string and should be enclosed', 'INVALID_FIELD'],
  [
    'SELECT Id FROM Contact LIMIT 1 OFFSET 2001',
    39,
    'Maximum SOQL offset allowed is 2000',
    'NUMBER_OUTSIDE_VALID_RANGE',
  ],
  [
    "SELECT Id FROM Contact WHERE Name = 'a\\x'",
    37,
    "Illegal character sequence '\\x' in string literal.",
    'MALFORMED_QUERY',
  ],
])('runQuery() points at column of %s', (soql, column, said, errorCode) => {
  const fault = faultOf(() => orgOf([]).run(soql))
  expect(fault.errorCode).toBe(errorCode)
  expect(fault.message).toContain(`ERROR at Row:1:Column:${column}\n`)
  expect(fault.message).toContain(said)
})

test('runQuery() counts rows, bounds FIELDS() and refuses what would exhaust it', () => {
  const { run } = orgOf([{ LastName: 'A' }])
  expect(faultOf(() => run('SELECT Id\nFROM Contact\nWHERE OR')).message).toContain('Row:3:Column:7')
  expect(faultOf(() => run('SELECT FIELDS(ALL) FROM Contact')).message).toContain('LIMIT of at most 200')
  expect(faultOf(() => run('SELECT FIELDS(CUSTOM) FROM Contact LIMIT 201')).errorCode).toBe('MALFORMED_QUERY')
  expect(Object.keys(run('SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1').records[0]!).sort()).toEqual([
    'Assistant_Email__c',
    'External_Id__c',
    'Favourite_Colour__c',
    'attributes',
  ])
  expect(run('SELECT FIELDS(STANDARD) FROM Contact').records[0]).toMatchObject({ Name: 'A', IsDeleted: false })
  expect(faultOf(() => run(`SELECT Id FROM Contact WHERE ${'('.repeat(5000)}`)).errorCode).toBe('MALFORMED_QUERY')
  expect(faultOf(() => run(`SELECT Id FROM Contact WHERE Name = '${'a'.repeat(100_000)}'`)).message).toContain('100000')
  const slow = `${'%a'.repeat(500)}b`
  expect(run(`SELECT Id FROM Contact WHERE Name LIKE '${slow}'`).totalSize).toBe(0)
})

test('runQuery() groups by fields and by parts of a date, and refuses what cannot be grouped', () => {
  const { run } = orgOf([
    { LastName: 'A', Birthdate: '1990-01-31', Title: 'CEO' },
    { LastName: 'B', Birthdate: '1990-12-01', Title: 'ceo' },
    { LastName: 'C', Birthdate: '1990-12-24' },
  ])
  const { records } = run(
    'SELECT CALENDAR_YEAR(Birthdate) y, CALENDAR_MONTH(Birthdate), COUNT(Id) n FROM Contact GROUP BY CALENDAR_YEAR(Birthdate), CALENDAR_MONTH(Birthdate)',
  )
  const attributes = { type: 'AggregateResult' }
  expect(records).toEqual([
    { attributes, y: 1990, expr0: 1, n: 1 },
    { attributes, y: 1990, expr0: 12, n: 2 },
  ])
  expect(run('SELECT Title, COUNT(Id) n FROM Contact GROUP BY Title').records).toEqual([
    { attributes, Title: 'CEO', n: 2 },
    { attributes, Title: null, n: 1 },
  ])
  expect(run('SELECT CALENDAR_QUARTER(Birthdate) q FROM Contact GROUP BY CALENDAR_QUARTER(Birthdate)').totalSize).toBe(
    2,
  )
  const code = (soql: string) => faultOf(() => run(soql)).errorCode
  expect(code('SELECT COUNT(Id) FROM Contact GROUP BY Description')).toBe('MALFORMED_QUERY')
  expect(code('SELECT COUNT(Id) FROM Contact GROUP BY CALENDAR_YEAR(Title)')).toBe('INVALID_FIELD')
  expect(code('SELECT CALENDAR_YEAR(Birthdate) y, COUNT(Id) FROM Contact GROUP BY Title')).toBe('MALFORMED_QUERY')
})
