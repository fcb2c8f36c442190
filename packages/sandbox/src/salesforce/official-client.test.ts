/**
 * @module
 * Drives the vendor's own JavaScript client over real HTTP, from authorization to revocation.
 */
import jsforce, { type Connection } from 'jsforce'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Listening, listen } from '../listen.ts'
import { createSandbox, type Sandbox } from '../sandbox.ts'
import { salesforce } from './salesforce.ts'

const REDIRECT = 'https://app.example/cb'

let sandbox: Sandbox
let listening: Listening

beforeAll(async () => {
  sandbox = createSandbox({ tenants: ['acme'], vendors: [salesforce] })
  listening = await listen(sandbox)
})
afterAll(() => listening.close())
beforeEach(() => {
  const control = sandbox.control('acme', 'salesforce')
  control.clearFaults()
  control.setWindow('daily', { limit: 100_000 })
  control.resetCounters()
})

function oauth2(useVerifier = false) {
  const loginUrl = `${listening.url}/acme/salesforce`
  const clientId = 'sandbox-client'
  const clientSecret = 'sandbox-secret'
  return new jsforce.OAuth2({ loginUrl, clientId, clientSecret, redirectUri: REDIRECT, useVerifier })
}

/** A connection that went the whole way: the authorization page, the code, the token. */
async function connect(useVerifier = false): Promise<Connection> {
  const app = oauth2(useVerifier)
  const url = new URL(app.getAuthorizationUrl({ scope: 'api refresh_token', state: 'st' }))
  // Whoever opens the page without a browser says in the address who consents.
  url.searchParams.set('as', 'user')
  const response = await fetch(url, { redirect: 'manual' })
  const back = new URL(response.headers.get('location') ?? '')
  expect(back.searchParams.get('state')).toBe('st')
  const connection = new jsforce.Connection({ oauth2: app, version: '67.0' })
  await connection.authorize(back.searchParams.get('code') ?? '')
  return connection
}

test.each([false, true])('authorizes by code (PKCE: %s) and knows who it is', async (useVerifier) => {
  const connection = await connect(useVerifier)
  expect(connection.instanceUrl).toBe(`${listening.url}/acme/salesforce`)
  const identity = await connection.identity()
  expect(identity.user_id).toBe(connection.userInfo?.id)
  expect(identity.organization_id).toBe(connection.userInfo?.organizationId)
  expect(identity.username).toBe(sandbox.control('acme', 'salesforce').records('User')![0]!.values['Username'])
})

test('queries with paging, and sees the quota in every answer', async () => {
  const connection = await connect()
  const count = (await connection.query('SELECT COUNT() FROM Contact')).totalSize
  const first = await connection.query('SELECT Id FROM Contact', {
    headers: { 'Sforce-Query-Options': 'batchSize=200' },
  })
  expect(first.done).toBe(false)
  const second = await connection.queryMore(first.nextRecordsUrl ?? '')
  expect(second.totalSize).toBe(count)
  expect(second.records[0]?.['Id']).not.toBe(first.records[0]?.['Id'])
  const options = { autoFetch: true, maxFetch: 10_000, headers: { 'Sforce-Query-Options': 'batchSize=200' } }
  const all = await connection.query('SELECT Id FROM Contact', options)
  expect(new Set(all.records.map((record) => record['Id'])).size).toBe(count)
  const before = connection.limitInfo.apiUsage?.used ?? Number.NaN
  await connection.limits()
  expect(connection.limitInfo.apiUsage).toEqual({ used: before + 1, limit: 100_000 })
})

test('finds, and its own missing escape of backslashes breaks the query', async () => {
  const connection = await connect()
  const name = "O'Brien \\ Sons"
  await connection.sobject('Contact').create({ LastName: name })
  const found = await connection
    .sobject('Contact')
    .find({ LastName: "O'Brien \\ Sons" })
    .then(
      (records) => records.length,
      (error: Error) => error.name,
    )
  // `\ ` is no escape, so the vendor refuses what the client built.
  expect(found).toBe('MALFORMED_QUERY')
  const hostile = connection.sobject('Contact').find({ LastName: "\\' OR Id != null OR Name = '" })
  await expect(hostile).rejects.toMatchObject({ errorCode: 'MALFORMED_QUERY' })
  const escaped = name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  const { records } = await connection.query(`SELECT Name FROM Contact WHERE LastName = '${escaped}'`)
  expect(records).toMatchObject([{ Name: name }])
  const sorted = await connection
    .sobject('Contact')
    .find({ Name: { $like: 'j%' } }, ['Name'])
    .sort('-Name')
    .limit(3)
  expect(sorted).toHaveLength(3)
})

test('creates, retrieves, updates, upserts and destroys, one and many', async () => {
  const contacts = (await connect()).sobject('Contact')
  const made = await contacts.create({ FirstName: 'Jane', LastName: 'Doe', Email: 'jane.doe.1@example.org' })
  expect(made).toMatchObject({ success: true, errors: [] })
  const id = made.id ?? ''
  expect(await contacts.retrieve(id)).toMatchObject({ Id: id, Name: 'Jane Doe' })
  expect(await contacts.update({ Id: id, LastName: 'Smith' })).toMatchObject({ id, success: true })
  expect(await contacts.retrieve(id, { fields: ['Name'] })).toMatchObject({ Name: 'Jane Smith' })
  const upserted = await contacts.upsert({ External_Id__c: 'e1', LastName: 'Once' }, 'External_Id__c')
  expect(upserted).toMatchObject({ success: true, created: true })
  const again = await contacts.upsert({ External_Id__c: 'e1', LastName: 'Twice' }, 'External_Id__c')
  expect(again).toMatchObject({ id: upserted.id, created: false })
  const duplicate = contacts.create({ LastName: 'Doe', Email: 'jane.doe.1@example.org' })
  await expect(duplicate).rejects.toMatchObject({ errorCode: 'DUPLICATES_DETECTED' })
  const headers = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' }
  const saved = await contacts.create({ LastName: 'Doe', Email: 'jane.doe.1@example.org' }, { headers })
  expect(saved.success).toBe(true)
  const many = await contacts.create([{ LastName: 'A' }, { LastName: 'B' }], { allowRecursive: true })
  const ids = many.map((result) => result.id ?? '')
  expect(await contacts.retrieve(ids)).toMatchObject([{ LastName: 'A' }, { LastName: 'B' }])
  expect(await contacts.destroy(ids)).toMatchObject([{ success: true }, { success: true }])
  expect(await contacts.destroy(id)).toMatchObject({ id, success: true })
  await expect(contacts.retrieve(id)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' })
  await expect(contacts.create({ FirstName: 'x' })).rejects.toMatchObject({ errorCode: 'REQUIRED_FIELD_MISSING' })
})

test('describes, searches and reads limits', async () => {
  const connection = await connect()
  const described = await connection.sobject('Contact').describe()
  expect(described.fields.find((field) => field.name === 'LastName')).toMatchObject({ nillable: false, length: 80 })
  expect(described.fields.filter((field) => field.custom).map((field) => field.name)).toContain('Favourite_Colour__c')
  expect((await connection.describeGlobal()).sobjects.map((entity) => entity.name)).toContain('Lead')
  await connection.sobject('Contact').create({ LastName: 'Quux-Doe' })
  const sosl = 'FIND {Quux\\-Doe} IN ALL FIELDS RETURNING Contact(Id, Name)'
  expect((await connection.search(sosl)).searchRecords).toMatchObject([{ Name: 'Quux-Doe' }])
  const limits = await connection.limits()
  expect(limits['DailyApiRequests']).toMatchObject({ Max: 100_000 })
})

test('refreshes once for two calls that find the session expired together', async () => {
  const connection = await connect()
  const control = sandbox.control('acme', 'salesforce')
  control.resetCounters()
  control.expireAccessTokens()
  const answers = await Promise.all([
    connection.query('SELECT COUNT() FROM Contact'),
    connection.query('SELECT COUNT() FROM Account'),
  ])
  expect(answers.map((answer) => answer.done)).toEqual([true, true])
  expect(control.counters().tokenCalls).toMatchObject({ refresh_token: 1 })
})

test('sees an exhausted quota as REQUEST_LIMIT_EXCEEDED, at once', async () => {
  const connection = await connect()
  const control = sandbox.control('acme', 'salesforce')
  control.resetCounters()
  control.setWindow('daily', { limit: 1 })
  const refused = connection.query('SELECT Id FROM Contact')
  await expect(refused).rejects.toMatchObject({
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    message: 'TotalRequests Limit exceeded.',
  })
  expect(control.counters().rateLimited).toBe(1)
})

test('cannot go on once its grant is revoked', async () => {
  const connection = await connect()
  await oauth2().revokeToken(connection.refreshToken ?? '')
  await expect(connection.query('SELECT Id FROM Contact')).rejects.toThrow(/expired access\/refresh token/)
})

test('groups, counts and adds up', async () => {
  const connection = await connect()
  const query = 'SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n, SUM(Amount) s FROM Opportunity'
  const { records } = await connection.query<{ y: number; n: number }>(`${query} GROUP BY CALENDAR_YEAR(CloseDate)`)
  expect(records.reduce((sum, { n }) => sum + n, 0)).toBe(sandbox.world('acme').deals.length)
  expect(new Set(records.map(({ y }) => y)).size).toBe(records.length)
})
