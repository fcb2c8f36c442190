/**
 * @module
 * Proves single, external-id and collection writes with the refusals that they can meet.
 */
import { expect, test } from 'vitest'
import { createSandbox } from '../../sandbox.ts'
import { salesforce } from '../salesforce.ts'

interface Init {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One tenant's org over HTTP semantics, with a token that may use the API. */
function openOrg() {
  const now = () => Date.UTC(2026, 10, 22, 12)
  const sandbox = createSandbox({ tenants: ['acme'], vendors: [salesforce], origin: 'http://sandbox.test', now })
  const control = sandbox.control('acme', 'salesforce')
  const { accessToken } = control.signIn({ scope: 'api' })
  const data = async (path: string, { method = 'GET', body, headers = {} }: Init = {}) => {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const request = new Request(`http://sandbox.test/acme/salesforce/services/data/v67.0${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json', ...headers },
      ...(text !== undefined && { body: text }),
    })
    const response = await sandbox.fetch(request)
    const received = await response.text()
    return { status: response.status, headers: response.headers, body: received === '' ? null : JSON.parse(received) }
  }
  const query = (soql: string) => data(`/query?q=${encodeURIComponent(soql)}`)
  return { control, data, query }
}

const CONTACT = '/sobjects/Contact'
test('a record is created, read, changed and softly deleted', async () => {
  const { data, query, control } = openOrg()
  const made = await data(CONTACT, {
    method: 'POST',
    body: { LastName: ' Doe ', FirstName: 'Jane', MailingCity: 'Oslo' },
  })
  expect(made).toMatchObject({ status: 201, body: { success: true, errors: [] } })
  const { id } = made.body
  expect(made.headers.get('location')).toBe(`/services/data/v67.0${CONTACT}/${id}`)
  const read = await data(`${CONTACT}/${id.slice(0, 15)}`)
  expect(read.body).toMatchObject({
    attributes: { type: 'Contact', url: `/services/data/v67.0${CONTACT}/${id}` },
    Name: 'Jane Doe',
    MailingAddress: { city: 'Oslo' },
    CreatedDate: '2026-11-22T12:00:00.000+0000',
    IsDeleted: false,
  })
  expect((await data(`${CONTACT}/${id}?fields=Name,Owner.Name`)).body).toMatchObject({ Name: 'Jane Doe', Owner: {} })
  const changed = await data(`${CONTACT}/${id}`, { method: 'PATCH', body: { FirstName: null, MailingCity: '' } })
  expect(changed).toMatchObject({ status: 204, body: null })
  expect((await data(`${CONTACT}/${id}`)).body).toMatchObject({ Name: 'Doe', MailingAddress: null })
  expect(await data(`${CONTACT}/${id}`, { method: 'DELETE' })).toMatchObject({ status: 204, body: null })
  expect(await data(`${CONTACT}/${id}`)).toMatchObject({ status: 404, body: [{ errorCode: 'ENTITY_IS_DELETED' }] })
  expect((await query(`SELECT Id FROM Contact WHERE Id = '${id}'`)).body.totalSize).toBe(0)
  const deleted = await data(`/queryAll?q=${encodeURIComponent(`SELECT IsDeleted FROM Contact WHERE Id = '${id}'`)}`)
  expect(deleted.body.records).toMatchObject([{ IsDeleted: true }])
  expect(control.record('Contact', id)).toMatchObject({ archived: true, values: { LastName: 'Doe' } })
})

test.each([
  [{ FirstName: 'A' }, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', ['LastName']],
  [{ LastName: 'A', Bogus: 1 }, 'INVALID_FIELD', "No such column 'Bogus' on sobject of type Contact", undefined],
  [{ LastName: 'A', CreatedDate: null }, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'CreatedDate', ['CreatedDate']],
  [{ LastName: 'A'.repeat(81) }, 'STRING_TOO_LONG', '(max length=80)', ['LastName']],
  [{ LastName: 'A', Email: 'nonsense' }, 'INVALID_EMAIL_ADDRESS', 'Email: invalid email address', ['Email']],
  [{ LastName: 'A', AccountId: 'nonsense' }, 'MALFORMED_ID', 'id value of incorrect type', ['AccountId']],
  [{ LastName: 'A', AccountId: '003000000000001AAA' }, 'MALFORMED_ID', 'id value of incorrect type', ['AccountId']],
  [{ LastName: 'A', AccountId: '001000000000001AAA' }, 'INVALID_CROSS_REFERENCE_KEY', 'invalid', ['AccountId']],
  [{ LastName: 'A', Birthdate: 'soon' }, 'JSON_PARSER_ERROR', 'Cannot deserialize instance of date', undefined],
  [{ LastName: { a: 1 } }, 'JSON_PARSER_ERROR', 'START_OBJECT', undefined],
  ['{', 'JSON_PARSER_ERROR', 'JSON', undefined],
  ['[]', 'JSON_PARSER_ERROR', 'JSON', undefined],
])('a contact like %j is refused', async (body, errorCode, message, fields) => {
  const { data } = openOrg()
  const refused = await data(CONTACT, { method: 'POST', body })
  expect(refused.status).toBe(400)
  expect(refused.body).toHaveLength(1)
  expect(refused.body[0]).toMatchObject({ errorCode, message: expect.stringContaining(message) })
  expect(refused.body[0].fields).toEqual(fields)
})

test('a restricted picklist takes only its values, which describe lists', async () => {
  const { data } = openOrg()
  const { body } = await data('/sobjects/Opportunity/describe')
  const risk = body.fields.find((field: { name: string }) => field.name === 'Renewal_Risk__c')
  expect(risk).toMatchObject({ type: 'picklist', restrictedPicklist: true, custom: true, createable: true })
  const deal = { Name: 'D', StageName: 'Contract sent', CloseDate: '2027-01-01' }
  const write = (Renewal_Risk__c: string) =>
    data('/sobjects/Opportunity', { method: 'POST', body: { ...deal, Renewal_Risk__c } })
  expect((await write(risk.picklistValues[0].value)).status).toBe(201)
  expect((await write('gigantic')).body[0]).toMatchObject({
    errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    fields: ['Renewal_Risk__c'],
  })
})

test('a stage decides about probability, closed and won', async () => {
  const { data, query } = openOrg()
  const stages = (
    await query('SELECT MasterLabel, IsClosed, IsWon, DefaultProbability FROM OpportunityStage ORDER BY SortOrder')
  ).body.records
  const won = stages.find((stage: { IsWon: boolean }) => stage.IsWon)
  const body = { Name: 'D', StageName: won.MasterLabel, CloseDate: '2027-01-01', Amount: '200' }
  const { id } = (await data('/sobjects/Opportunity', { method: 'POST', body })).body
  expect((await data(`/sobjects/Opportunity/${id}`)).body).toMatchObject({
    IsClosed: true,
    IsWon: true,
    Probability: won.DefaultProbability,
    Amount: 200,
    ExpectedRevenue: (200 * won.DefaultProbability) / 100,
  })
})

test('a second contact with the same e-mail address is refused unless the caller allows it', async () => {
  const { data } = openOrg()
  const body = { LastName: 'Doe', Email: 'Jane@Acme.com' }
  const { id } = (await data(CONTACT, { method: 'POST', body })).body
  const again = { method: 'POST', body: { LastName: 'Dough', Email: 'jane@acme.com' } }
  const refused = await data(CONTACT, again)
  expect(refused).toMatchObject({ status: 400, body: [{ errorCode: 'DUPLICATES_DETECTED' }] })
  const [match] = refused.body[0].duplicateResut.matchResults
  expect(match.matchRecords[0].record).toMatchObject({ attributes: { type: 'Contact' }, Id: id })
  const allowed = await data(CONTACT, { ...again, headers: { 'sforce-duplicate-rule-header': 'allowSave=true' } })
  expect(allowed.status).toBe(201)
})

test('an upsert creates once and then changes the same record', async () => {
  const { data } = openOrg()
  const put = (LastName: string) => data(`${CONTACT}/External_Id__c/k%2F1`, { method: 'PATCH', body: { LastName } })
  const first = await put('One')
  expect(first).toMatchObject({ status: 201, body: { created: true } })
  expect(await put('Two')).toMatchObject({ status: 200, body: { created: false, id: first.body.id } })
  expect((await data(`${CONTACT}/External_Id__c/k%2F1`)).body).toMatchObject({ LastName: 'Two', External_Id__c: 'k/1' })
  expect(await data(`${CONTACT}/Title/x`)).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] })
  const twin = await data(CONTACT, { method: 'POST', body: { LastName: 'X', External_Id__c: 'K/1' } })
  expect(twin.body[0]).toMatchObject({ errorCode: 'DUPLICATE_VALUE', fields: ['External_Id__c'] })
})

test('a collection reports each record, and all or none takes the good ones back', async () => {
  const { data, query } = openOrg()
  const records = [{ attributes: { type: 'Contact' }, LastName: 'Unlikely' }, { attributes: { type: 'Contact' } }]
  const write = (allOrNone: boolean) =>
    data('/composite/sobjects', { method: 'POST', body: { allOrNone, records } }).then(({ body }) => body)
  expect(await write(true)).toMatchObject([
    { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
    { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] }] },
  ])
  const count = async () => (await query("SELECT Id FROM Contact WHERE LastName = 'Unlikely'")).body.totalSize
  expect(await count()).toBe(0)
  const [made] = await write(false)
  expect(made).toMatchObject({ success: true, errors: [] })
  expect(await count()).toBe(1)
  const read = await data('/composite/sobjects/Contact', {
    method: 'POST',
    body: { ids: [made.id, '003000000000404AAA'], fields: ['LastName'] },
  })
  expect(read.body).toMatchObject([{ LastName: 'Unlikely' }, null])
  const many = Array.from({ length: 201 }, () => records[0])
  expect((await data('/composite/sobjects', { method: 'POST', body: { records: many } })).status).toBe(400)
})

test('a retired value is inactive in describe, found by a query, and taken from nobody', async () => {
  const { data } = openOrg()
  const { body } = await data('/sobjects/Lead/describe')
  const segment = body.fields.find((field: { name: string }) => field.name === 'Segment__c')
  const activity = segment.picklistValues.map((one: { value: string; active: boolean }) => [one.value, one.active])
  expect(activity).toEqual([
    ['Enterprise', true],
    ['Small Business', true],
    ['Public Sector', false],
  ])
  const query = encodeURIComponent("SELECT Id, Segment__c FROM Lead WHERE Segment__c = 'Public Sector' LIMIT 5")
  const { records } = (await data(`/query?q=${query}`)).body
  expect(records.map((one: { Segment__c: string }) => one.Segment__c)).toEqual(Array(5).fill('Public Sector'))
  const lead = { LastName: 'L', Company: 'C', Segment__c: 'Public Sector' }
  expect((await data('/sobjects/Lead', { method: 'POST', body: lead })).status).toBe(400)
})
