/**
 * @module
 * Proves what every call meets: quota, session, paging, search and refusals, over the sandbox's own fetch.
 */
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
  const { query, call, wait, control } = openOrg()
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
  wait(2 * 86_400_000)
  const token = control.signIn({ scope: 'api' }).accessToken
  expect(await call(first.body.nextRecordsUrl, { token })).toMatchObject({ status: 400, body: expired })
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
