/** @module Proves what HubSpot's own client cannot show: the date versions, odd parameters, and exact refusals. */
import { expect, test } from 'vitest'
import { createSandbox } from '../sandbox.ts'

const origin = 'http://127.0.0.1:4000'
const scope = ['contacts', 'companies', 'deals']
  .flatMap((name) => [`crm.objects.${name}.read`, `crm.objects.${name}.write`])
  .join(' ')

function open(asked = `${scope} crm.objects.owners.read`) {
  const clock = { now: Date.UTC(2026, 10, 22) }
  const sandbox = createSandbox({ tenants: ['acme'], origin, now: () => clock.now })
  const control = sandbox.control('acme', 'hubspot')
  const { accessToken } = control.signIn({ scope: asked })
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await sandbox.fetch(new Request(`${origin}/acme/hubspot${path}`, { method, headers, body: text }))
    const answer = await response.text()
    const json = response.headers.get('content-type')?.includes('json')
    return {
      status: response.status,
      headers: response.headers,
      text: answer,
      body: json ? JSON.parse(answer) : undefined,
    }
  }
  return { clock, control, call }
}

const families = ['/crm/v3/objects', '/crm/objects/2026-03', '/crm/objects/2026-09']

test('both API families show the same records', async () => {
  const { call } = open()
  for (const path of [
    'contacts?limit=3&properties=email,phone&associations=companies',
    'deals?limit=2',
    '0-2?limit=2',
  ]) {
    const [first, ...others] = await Promise.all(families.map((family) => call('GET', `${family}/${path}`)))
    expect(first?.status).toBe(200)
    for (const other of others) expect(other.body.results).toEqual(first?.body.results)
  }
  for (const [old, dated] of [
    ['/crm/v3/properties/contacts', '/crm/properties/2026-09/contacts'],
    ['/crm/v3/pipelines/deals', '/crm/pipelines/2026-03/deals'],
    ['/crm/v3/owners/', '/crm/owners/2026-09'],
    ['/crm/v4/objects/contacts/501/associations/companies', '/crm/objects/2026-09/contacts/501/associations/companies'],
  ] as const) {
    expect((await call('GET', dated)).body.results).toEqual((await call('GET', old)).body.results)
  }
})

test('lists take commas and repeated keys, and say what there is by default', async () => {
  const { call } = open()
  const [family] = families
  const commas = await call('GET', `${family}/contacts?limit=1&properties=email,city&properties=zip,bogus`)
  const always = ['createdate', 'hs_object_id', 'lastmodifieddate']
  expect(Object.keys(commas.body.results[0].properties)).toEqual(['city', 'email', ...always, 'zip'].sort())
  const plain = await call('GET', `${family}/contacts`)
  expect(plain.body.results).toHaveLength(10)
  expect(Object.keys(plain.body.results[0].properties)).toEqual([
    'createdate',
    'email',
    'firstname',
    'hs_object_id',
    'lastmodifieddate',
    'lastname',
  ])
  for (const { properties } of plain.body.results) {
    for (const value of Object.values(properties)) expect(value === null || typeof value === 'string').toBe(true)
  }
  for (const limit of ['0', '101', 'x'])
    expect((await call('GET', `${family}/contacts?limit=${limit}`)).status).toBe(400)
})

test('paging ends without a paging member, and every record came once', async () => {
  const { call, control } = open()
  const seen: string[] = []
  let path: string | undefined = '/crm/objects/2026-09/deals?limit=100'
  while (path) {
    const { body }: { body?: { results: { id: string }[]; paging?: { next: { link: string } } } } = await call(
      'GET',
      path,
    )
    seen.push(...(body?.results ?? []).map(({ id }) => id))
    path = body?.paging?.next.link.slice(`${origin}/acme/hubspot`.length)
  }
  expect(seen).toEqual(control.records('deals')?.map(({ id }) => id))
})

test('quota headers stand on everything but searches, errors included', async () => {
  const { call } = open()
  const listed = await call('GET', '/crm/v3/objects/contacts')
  expect(listed.headers.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000')
  expect(listed.headers.get('x-hubspot-ratelimit-max')).toBe('110')
  expect(listed.headers.get('x-hubspot-ratelimit-remaining')).toBe('109')
  const missing = await call('GET', '/crm/v3/objects/contacts/404404')
  expect([missing.status, missing.headers.get('x-hubspot-ratelimit-remaining')]).toEqual([404, '108'])
  expect(missing.body).toEqual({
    status: 'error',
    message: 'Object not found.  objectId are usually numeric.',
    correlationId: expect.any(String),
    context: { id: ['404404'] },
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.object_not_found',
  })
  const searched = await call('POST', '/crm/v3/objects/contacts/search', {})
  expect([...searched.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([])
})

test('the sixth search within a second is refused, and others are not', async () => {
  const { call, clock } = open()
  const search = () => call('POST', '/crm/objects/2026-09/contacts/search', { limit: 1 })
  for (let times = 0; times < 5; times++) expect((await search()).status).toBe(200)
  expect((await search()).body).toMatchObject({
    policyName: 'SECONDLY',
    message: 'You have reached your secondly limit.',
  })
  expect((await call('GET', '/crm/objects/2026-09/contacts')).status).toBe(200)
  clock.now += 1000
  expect((await search()).status).toBe(200)
})

test('unknown paths are HTML, unknown types, bodies and content types are told', async () => {
  const { call } = open()
  const nowhere = await call('GET', '/crm/v9/nothing')
  expect([nowhere.status, nowhere.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
  expect((await call('GET', '/crm/v3/objects/unicorns')).body.message).toBe(
    'Unable to infer object type from: unicorns',
  )
  for (const body of ['{', '[]', 'null', '"x"']) {
    expect((await call('POST', '/crm/v3/objects/contacts', body)).body.category).toBe('VALIDATION_ERROR')
  }
  expect((await call('POST', '/crm/v3/objects/contacts', { properties: {} })).status).toBe(400)
  expect((await call('POST', '/crm/v3/objects/deals', { properties: { dealname: 'x' } })).body.context).toEqual({
    properties: ['dealstage'],
  })
})

test('each call needs its own scope', async () => {
  const { call } = open('crm.objects.contacts.read')
  const { status, body } = await call('GET', '/crm/v3/objects/deals')
  expect(status).toBe(403)
  expect(body).toEqual({
    status: 'error',
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    correlationId: expect.any(String),
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        context: { requiredGranularScopes: ['crm.objects.deals.read'] },
      },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
    category: 'MISSING_SCOPES',
  })
  for (const [method, path] of [
    ['POST', '/crm/v3/objects/deals/search'],
    ['POST', '/crm/v3/objects/deals/batch/read'],
    ['GET', '/crm/v3/objects/deals/3001'],
    ['GET', '/crm/v4/objects/deals/3001/associations/contacts'],
    ['POST', '/crm/v4/associations/deals/contacts/batch/read'],
    ['POST', '/crm/v3/objects/contacts'],
    ['PATCH', '/crm/v3/objects/contacts/501'],
    ['DELETE', '/crm/v3/objects/contacts/501'],
    ['POST', '/crm/v3/objects/contacts/batch/create'],
    ['POST', '/crm/v3/objects/contacts/batch/update'],
    ['POST', '/crm/v3/objects/contacts/batch/upsert'],
    ['POST', '/crm/v3/objects/contacts/batch/archive'],
    ['PUT', '/crm/v4/objects/contacts/501/associations/default/companies/2001'],
    ['DELETE', '/crm/v4/objects/contacts/501/associations/companies/2001'],
    ['GET', '/crm/v3/owners'],
    ['GET', '/crm/v3/properties/deals'],
  ] as const) {
    expect((await call(method, path, method === 'GET' ? undefined : {})).status, `${method} ${path}`).toBe(403)
  }
})

test('a search finds names with any character in them', async () => {
  const { call, control, clock } = open()
  for (const record of control.records('contacts')?.slice(0, 16) ?? []) {
    clock.now += 1000
    const lastname = String(record.values['lastname'])
    const byQuery = await call('POST', '/crm/v3/objects/contacts/search', { query: lastname, limit: 200 })
    expect(
      byQuery.body.results.map(({ id }: { id: string }) => id),
      lastname,
    ).toContain(record.id)
    const filters = [{ propertyName: 'lastname', operator: 'EQ', value: lastname }]
    const byFilter = await call('POST', '/crm/v3/objects/contacts/search', { filterGroups: [{ filters }] })
    expect(
      byFilter.body.results.map(({ id }: { id: string }) => id),
      lastname,
    ).toContain(record.id)
  }
})

test('an invalid input refuses a batch, unless every input is traced', async () => {
  const { call, control } = open()
  const before = control.records('contacts')?.length
  const inputs = [{ properties: { lastname: 'Ok' } }, { properties: { bogus: '1' } }]
  expect((await call('POST', '/crm/v3/objects/contacts/batch/create', { inputs })).status).toBe(400)
  expect(control.records('contacts')).toHaveLength(before ?? 0)
  const traced = inputs.map((input, index) => ({ ...input, objectWriteTraceId: `t${index}` }))
  const partly = await call('POST', '/crm/v3/objects/contacts/batch/create', { inputs: traced })
  expect(partly.status).toBe(207)
  expect(partly.body).toMatchObject({
    results: [{ objectWriteTraceId: 't0' }],
    numErrors: 1,
    errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['t1'] } }],
  })
  const many = Array.from({ length: 101 }, () => ({ id: '1' }))
  expect((await call('POST', '/crm/v3/objects/contacts/batch/read', { inputs: many })).status).toBe(400)
})

test('a new primary company replaces the old one as primary only', async () => {
  const { call, control } = open()
  const contact = control.records('contacts')?.find((record) => record.values['associatedcompanyid'])
  const old = String(contact?.values['associatedcompanyid'])
  const other = control.records('companies')?.find(({ id }) => id !== old)?.id
  const path = `/crm/objects/2026-09/contacts/${contact?.id}/associations/companies`
  const labels = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }]
  expect((await call('PUT', `${path}/${other}`, labels)).body.labels).toEqual(['Primary'])
  const { results } = (await call('GET', path)).body as {
    results: { toObjectId: string; associationTypes: { typeId: number }[] }[]
  }
  const types = new Map(results.map((end) => [end.toObjectId, end.associationTypes.map(({ typeId }) => typeId)]))
  expect(types.get(old)).toEqual([279])
  expect(types.get(String(other))).toEqual([1, 279])
  expect(control.record('contacts', String(contact?.id))?.values['associatedcompanyid']).toBe(other)
})

test('a search ends at 10,000 results, and at its other bounds', async () => {
  const { call, clock } = open()
  const search = async (body: unknown) => {
    clock.now += 1000
    return (await call('POST', '/crm/v3/objects/contacts/search', body)).status
  }
  const filters = (count: number) =>
    Array.from({ length: count }, () => ({ propertyName: 'email', operator: 'HAS_PROPERTY' }))
  const groups = (count: number, size = 1) => Array.from({ length: count }, () => ({ filters: filters(size) }))
  expect(await search({ limit: 200, after: 9800 })).toBe(200)
  expect(await search({ limit: 200, after: 9801 })).toBe(400)
  expect(await search({ limit: 201 })).toBe(400)
  expect(await search({ query: 'x'.repeat(3001) })).toBe(400)
  expect([await search({ filterGroups: groups(5, 5) }), await search({ filterGroups: groups(6) })]).toEqual([200, 400])
  expect([await search({ filterGroups: groups(1, 10) }), await search({ filterGroups: groups(1, 11) })]).toEqual([
    200, 400,
  ])
  expect(await search({ filterGroups: [{ filters: [{ propertyName: 'bogus', operator: 'EQ', value: '1' }] }] })).toBe(
    400,
  )
  expect(await search({ sorts: ['bogus'] })).toBe(400)
  expect(await search({ after: 'x' })).toBe(400)
})

test('what is archived is found by nothing that does not ask for it, and its address is free again', async () => {
  const { call, control } = open()
  const record = control.records('contacts')?.find(({ values }) => values['email'])
  const email = String(record?.values['email'])
  await call('DELETE', `/crm/v3/objects/contacts/${record?.id}`)
  const filterGroups = [{ filters: [{ propertyName: 'email', operator: 'EQ', value: email }] }]
  expect((await call('POST', '/crm/v3/objects/contacts/search', { filterGroups })).body.total).toBe(0)
  expect((await call('GET', `/crm/v3/objects/contacts/${email}?idProperty=email`)).status).toBe(404)
  expect((await call('GET', `/crm/v3/objects/contacts/${record?.id}?archived=true`)).body).toMatchObject({
    archived: true,
  })
  expect((await call('POST', '/crm/v3/objects/contacts', { properties: { email } })).status).toBe(201)
})
