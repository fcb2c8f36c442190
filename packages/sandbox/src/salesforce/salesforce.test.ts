import { expect, test } from 'vitest'
import { createSandbox } from '../sandbox.ts'
import { salesforce } from './salesforce.ts'

interface Init {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
}

/** One tenant's org over HTTP semantics, with a token that may use the API. */
function openOrg(scope = 'api refresh_token') {
  let now = Date.UTC(2026, 10, 22, 12)
  const sandbox = createSandbox({
    tenants: ['acme', 'globex'],
    vendors: [salesforce],
    origin: 'http://sandbox.test',
    now: () => now,
  })
  const control = sandbox.control('acme', 'salesforce')
  const { accessToken } = control.signIn({ scope })
  const call = async (path: string, { method = 'GET', body, headers = {}, token = accessToken }: Init = {}) => {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const request = new Request(`http://sandbox.test/acme/salesforce${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(text !== undefined && { body: text }),
    })
    const response = await sandbox.fetch(request)
    const received = await response.text()
    return { status: response.status, headers: response.headers, body: received === '' ? null : JSON.parse(received) }
  }
  const data = (path: string, init?: Init) => call(`/services/data/v67.0${path}`, init)
  const query = (soql: string, headers = {}) => data(`/query?q=${encodeURIComponent(soql)}`, { headers })
  return { sandbox, control, call, data, query, wait: (ms: number) => (now += ms) }
}

const CONTACT = '/sobjects/Contact'

test('versions are listed without a session and not counted; every other answer says what is used', async () => {
  const { call, data, control } = openOrg()
  const versions = await call('/services/data/', { token: 'none' })
  expect(versions.body.at(-1)).toEqual({ label: "Winter '27", url: '/services/data/v68.0', version: '68.0' })
  expect(versions.headers.get('sforce-limit-info')).toBeNull()
  control.setWindow('daily', { limit: 5000 })
  expect((await data('/limits')).headers.get('sforce-limit-info')).toBe('api-usage=1/5000')
  const missing = await data(`${CONTACT}/003000000000404AAA`)
  expect(missing.status).toBe(404)
  expect(missing.headers.get('sforce-limit-info')).toBe('api-usage=2/5000')
  expect((await call('/services/data/v59.0/limits')).body).toEqual([
    { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
  ])
})

test('a full day is refused with 403, and requests come back as the window rolls on', async () => {
  const { data, control, wait } = openOrg()
  control.setWindow('daily', { limit: 2 })
  await data('/limits')
  wait(3_600_000)
  await data('/limits')
  const refused = await data('/limits')
  expect(refused.status).toBe(403)
  expect(refused.body).toEqual([{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }])
  expect(refused.headers.get('sforce-limit-info')).toBe('api-usage=2/2')
  expect(refused.headers.get('retry-after')).toBeNull()
  wait(23 * 3_600_000)
  const token = control.signIn({ scope: 'api' }).accessToken
  expect((await data('/limits', { token })).status).toBe(200)
  expect((await data('/limits', { token })).status).toBe(403)
  expect(control.counters().rateLimited).toBe(2)
})

test('a session that is not good is refused with 401, and so is one without the scope for the API', async () => {
  const { data, control } = openOrg()
  const session = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]
  expect(await data('/limits', { token: 'nonsense' })).toMatchObject({ status: 401, body: session })
  control.expireAccessTokens()
  expect(await data('/limits')).toMatchObject({ status: 401, body: session })
  expect(await openOrg('refresh_token').data('/limits')).toMatchObject({
    status: 401,
    body: [{ message: 'This session is not valid for use with the REST API', errorCode: 'INVALID_SESSION_ID' }],
  })
})

test('query pages by locator, in batches from 200, and an unknown locator is refused', async () => {
  const { query, call, wait } = openOrg()
  const all = (await query('SELECT COUNT() FROM Contact')).body.totalSize
  expect(all).toBeGreaterThan(400)
  const first = await query('SELECT Id FROM Contact ORDER BY Id', { 'sforce-query-options': 'batchSize=10' })
  expect(first.body).toMatchObject({ totalSize: all, done: false })
  expect(first.body.records).toHaveLength(200)
  expect(first.body.nextRecordsUrl).toMatch(/^\/services\/data\/v67\.0\/query\/01g[A-Za-z0-9]{15}-200$/)
  const seen = new Set<string>(first.body.records.map((record: { Id: string }) => record.Id))
  let next: string | undefined = first.body.nextRecordsUrl
  while (next) {
    const { body } = await call(next, { headers: { 'sforce-query-options': 'batchSize=200' } })
    for (const record of body.records) seen.add(record.Id)
    next = body.nextRecordsUrl
  }
  expect(seen.size).toBe(all)
  const expired = [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }]
  expect(await call('/services/data/v67.0/query/01gnonsense-200')).toMatchObject({ status: 400, body: expired })
  wait(60_000)
  expect((await call(first.body.nextRecordsUrl)).status).toBe(200)
})

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

test('search finds whole words, reads its own escapes and refuses what is not escaped', async () => {
  const { data } = openOrg()
  await data(CONTACT, { method: 'POST', body: { LastName: 'Quux-Smith', Email: 'quux@acme.com', Phone: '555 0199' } })
  const find = async (terms: string, rest = 'IN ALL FIELDS RETURNING Contact(Id, Name LIMIT 5)') =>
    data(`/search?q=${encodeURIComponent(`FIND {${terms}} ${rest}`)}`)
  const names = async (terms: string, rest?: string) =>
    (await find(terms, rest)).body.searchRecords.map((record: { Name: string }) => record.Name)
  for (const terms of [
    'quux',
    'QUUX\\-smith',
    'qu*x',
    'smi*',
    'smi?h',
    'quux AND smith',
    'nobodyatall OR quux',
    '"quux smith"',
  ]) {
    expect([terms, await names(terms)]).toEqual([terms, ['Quux-Smith']])
  }
  expect(await names('quux@acme.com', 'IN EMAIL FIELDS RETURNING Contact(Name)')).toEqual(['Quux-Smith'])
  expect(await names('quu')).toEqual([])
  expect(await names('quux AND NOT smith')).toEqual([])
  expect((await find('a|b')).body[0]).toMatchObject({ errorCode: 'MALFORMED_SEARCH' })
  const plain = { q: 'quux-smith', fields: ['Name'], sobjects: [{ name: 'Contact', limit: 1 }] }
  expect((await data('/parameterizedSearch', { method: 'POST', body: plain })).body.searchRecords).toMatchObject([
    { Name: 'Quux-Smith' },
  ])
})

test('unknown resources, methods and long addresses are refused as arrays', async () => {
  const { data, call } = openOrg()
  expect(await data('/nope')).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] })
  expect(await data('/sobjects/Nope/describe')).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] })
  expect(await data('/limits', { method: 'POST', body: {} })).toMatchObject({
    status: 405,
    body: [{ message: "HTTP Method 'POST' not allowed. Allowed are GET,HEAD", errorCode: 'METHOD_NOT_ALLOWED' }],
  })
  expect((await call(`/services/data/v67.0/query?q=${'a'.repeat(17_000)}`)).status).toBe(414)
  expect((await data(CONTACT, { method: 'POST', body: 'a', headers: { 'content-type': 'text/plain' } })).status).toBe(
    415,
  )
  expect((await data(`${CONTACT}/001000000000404AAA`)).body[0]).toMatchObject({ errorCode: 'MALFORMED_ID' })
  expect((await data(`${CONTACT}/nonsense`)).body[0].message).toContain('Provided external ID field does not exist')
})

test('faults speak in the words of the vendor', async () => {
  const { data, control } = openOrg()
  control.arm({ kind: 'rate_limit', window: 'concurrent' })
  expect((await data('/limits')).body).toEqual([
    {
      message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
    },
  ])
  control.arm({ kind: 'server_error', status: 503 })
  expect(await data('/limits')).toMatchObject({ status: 503, body: [{ errorCode: 'SERVER_UNAVAILABLE' }] })
})

test('two tenants have different ids, and a token of one opens nothing at the other', async () => {
  const { sandbox, control } = openOrg()
  const ids = (tenant: string) =>
    sandbox
      .control(tenant, 'salesforce')
      .records('Contact')!
      .map((record) => record.id)
  const other = new Set(ids('globex'))
  expect(ids('acme').filter((id) => other.has(id))).toEqual([])
  const { accessToken } = control.signIn({ scope: 'api' })
  const response = await sandbox.fetch(
    new Request('http://sandbox.test/globex/salesforce/services/data/v67.0/limits', {
      headers: { authorization: `Bearer ${accessToken}` },
    }),
  )
  expect(response.status).toBe(401)
})
