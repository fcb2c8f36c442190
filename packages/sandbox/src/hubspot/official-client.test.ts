/** @module Proves that HubSpot's own client, over real HTTP, sees here what it sees at HubSpot. */
import { Client } from '@hubspot/api-client'
import { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/models/AssociationSpec.js'
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/models/Filter.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VendorControl } from '../control/vendor-control.ts'
import { type Listening, listen } from '../listen.ts'
import { createSandbox, type Sandbox } from '../sandbox.ts'

const scope = [
  'oauth',
  ...['contacts', 'companies', 'deals', 'leads'].flatMap((name) => [
    `crm.objects.${name}.read`,
    `crm.objects.${name}.write`,
  ]),
  'crm.objects.owners.read',
  'crm.schemas.custom.read',
  'tickets',
].join(' ')
const redirectUri = 'https://app.example/cb'
const category = AssociationSpecAssociationCategoryEnum.HubspotDefined

let sandbox: Sandbox
let server: Listening
let control: VendorControl
let clock = Date.UTC(2026, 10, 22, 12)

beforeAll(async () => {
  sandbox = createSandbox({ tenants: ['acme'], now: () => clock })
  server = await listen(sandbox)
  control = sandbox.control('acme', 'hubspot')
})
afterAll(() => server.close())

const limiterOptions = { minTime: 0, maxConcurrent: 50 }
const connect = (accessToken?: string) =>
  new Client({ basePath: `${server.url}/acme/hubspot`, accessToken, limiterOptions })
const signedIn = () => connect(control.signIn({ scope }).accessToken)

interface Failure {
  readonly code: number
  readonly body: Record<string, unknown>
  readonly headers: Record<string, string>
}

/** What the client throws, with the body as it came: the parsed one lacks members that the client does not know. */
async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (thrown: Failure & Error) => thrown,
  )
  if (error?.constructor.name !== 'ApiException')
    throw new Error('the client did not throw an ApiException', { cause: error })
  const text = /\nBody: (.*)\nHeaders:/s.exec(error.message)?.[1] ?? 'null'
  return { code: error.code, body: JSON.parse(text), headers: error.headers }
}

async function authorize(query: Record<string, string>): Promise<URL> {
  const url = new URL(`${server.url}/acme/hubspot/oauth/authorize`)
  url.search = new URLSearchParams({ client_id: 'sandbox-client', redirect_uri: redirectUri, ...query }).toString()
  const response = await fetch(url, { redirect: 'manual' })
  return new URL(response.headers.get('location') ?? 'about:blank')
}

test('the client logs in by code, refreshes, describes and revokes', async () => {
  const sent = await authorize({
    scope: 'crm.objects.contacts.read',
    optional_scope: 'tickets',
    state: 's t',
    as: 'user',
  })
  expect(sent.searchParams.get('state')).toBe('s t')
  const client = connect()
  const create = (...args: Parameters<typeof client.oauth.tokensApi.create>) => client.oauth.tokensApi.create(...args)
  const code = sent.searchParams.get('code') ?? ''
  const first = await create('authorization_code', code, redirectUri, 'sandbox-client', 'sandbox-secret')
  expect(first).toMatchObject({ tokenType: 'bearer', expiresIn: 1800 })
  const second = await create(
    'refresh_token',
    undefined,
    undefined,
    'sandbox-client',
    'sandbox-secret',
    first.refreshToken,
  )
  expect(second.refreshToken).toBe(first.refreshToken)
  expect(second.accessToken).not.toBe(first.accessToken)
  expect(await client.oauth.accessTokensApi.get(second.accessToken)).toMatchObject({
    tokenType: 'access',
    scopes: ['oauth', 'crm.objects.contacts.read', 'tickets'],
    expiresIn: 1800,
  })
  expect(await client.oauth.refreshTokensApi.get(first.refreshToken)).toMatchObject({ tokenType: 'refresh' })
  client.setAccessToken(second.accessToken)
  expect((await client.crm.contacts.basicApi.getPage(1)).results).toHaveLength(1)
  await client.oauth.refreshTokensApi.archive(first.refreshToken)
  const dead = await failure(
    create('refresh_token', undefined, undefined, 'sandbox-client', 'sandbox-secret', first.refreshToken),
  )
  expect(dead.code).toBe(400)
  expect(dead.body).toEqual({
    status: 'BAD_REFRESH_TOKEN',
    message: 'missing or invalid refresh token',
    correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('the client pages through contacts by hand and by itself', async () => {
  const client = signedIn()
  const first = await client.crm.contacts.basicApi.getPage(100, undefined, ['email', 'phone'], undefined, ['companies'])
  expect(first.results).toHaveLength(100)
  expect(first.paging?.next?.after).toBe(first.results.at(-1)?.id)
  expect(first.paging?.next?.link).toContain(`${server.url}/acme/hubspot/crm/v3/objects/contacts?`)
  expect(Object.keys(first.results[0]!.properties)).toEqual([
    'createdate',
    'email',
    'hs_object_id',
    'lastmodifieddate',
    'phone',
  ])
  const linked = first.results.find((contact) => contact.associations)
  expect(linked?.associations?.['companies']?.results[0]?.type).toBe('contact_to_company')
  const second = await client.crm.contacts.basicApi.getPage(100, first.paging?.next?.after)
  expect(Number(second.results[0]!.id)).toBeGreaterThan(Number(first.results.at(-1)!.id))
  const all = await client.crm.contacts.getAll(100, undefined, ['email'])
  const stored = control.records('contacts')!.filter((record) => !record.archived)
  expect(all.map((contact) => contact.id)).toEqual(stored.map((record) => record.id))
  expect(all.length).toBeGreaterThan(500)
})

test('the client creates, reads, updates and deletes a contact', async () => {
  const { basicApi } = signedIn().crm.contacts
  const companyId = control.records('companies')![0]!.id
  const associations = [{ to: { id: companyId }, types: [{ associationCategory: category, associationTypeId: 279 }] }]
  const made = await basicApi.create({
    properties: { email: 'Jane.New@Acme.example', lastname: "O'New" },
    associations,
  })
  expect(made.properties).toMatchObject({ email: 'jane.new@acme.example', lastname: "O'New", hs_object_id: made.id })
  const byEmail = await basicApi.getById(
    'jane.new@acme.example',
    ['lastname'],
    undefined,
    ['companies'],
    undefined,
    'email',
  )
  expect(byEmail.id).toBe(made.id)
  expect(byEmail.associations?.['companies']?.results.map((end) => end.id)).toContain(companyId)

  const duplicate = await failure(basicApi.create({ properties: { email: 'jane.new@ACME.example' }, associations: [] }))
  expect(duplicate.code).toBe(409)
  expect(duplicate.body).toMatchObject({
    category: 'CONFLICT',
    message: `Contact already exists. Existing ID: ${made.id}`,
  })

  clock += 5000
  const updated = await basicApi.update(made.id, { properties: { lastname: 'Newer', phone: '' } })
  expect(updated.properties).toMatchObject({ lastname: 'Newer' })
  expect(updated.updatedAt.getTime()).toBe(clock)

  await basicApi.archive(made.id)
  await basicApi.archive(made.id)
  const gone = await failure(basicApi.getById(made.id))
  expect(gone.code).toBe(404)
  expect(gone.body).toMatchObject({ category: 'OBJECT_NOT_FOUND', context: { id: [made.id] } })
  expect(
    (await basicApi.getPage(100, undefined, undefined, undefined, undefined, true)).results.map(({ id }) => id),
  ).toContain(made.id)
})

test('the client is told all that is wrong with a write', async () => {
  const { basicApi } = signedIn().crm.contacts
  const properties = { bogus: '1', email: 'no address', lifecyclestage: 'nonsense', createdate: '1' }
  const { code, body } = await failure(basicApi.create({ properties, associations: [] }))
  expect(code).toBe(400)
  expect(body).toMatchObject({ status: 'error', category: 'VALIDATION_ERROR' })
  const listed = JSON.parse(String(body['message']).replace('Property values were not valid: ', ''))
  expect(listed.map((each: { error: string }) => each.error)).toEqual([
    'PROPERTY_DOESNT_EXIST',
    'INVALID_EMAIL',
    'INVALID_OPTION',
    'READ_ONLY_VALUE',
  ])
  expect(listed[0]).toEqual({
    isValid: false,
    message: 'Property "bogus" does not exist',
    error: 'PROPERTY_DOESNT_EXIST',
    name: 'bogus',
    localizedErrorMessage: 'Property "bogus" does not exist',
  })
})

test('the client searches by query and by filters, page after page', async () => {
  const { searchApi } = signedIn().crm.contacts
  const request = { limit: 10, after: '0', sorts: ['-createdate'], properties: ['email', 'lastname'] }
  const byName = await searchApi.doSearch({ ...request, query: "o'brien", filterGroups: [] })
  expect(byName.results.map((contact) => contact.properties['lastname'])).toContain("O'Brien")
  const email = byName.results[0]!.properties['email']!
  const filters = [{ propertyName: 'email', operator: FilterOperatorEnum.Eq, value: email }]
  expect(await searchApi.doSearch({ ...request, filterGroups: [{ filters }] })).toMatchObject({ total: 1 })

  const everyone = [{ filters: [{ propertyName: 'email', operator: FilterOperatorEnum.HasProperty }] }]
  clock += 1000
  const first = await searchApi.doSearch({ ...request, limit: 200, filterGroups: everyone })
  expect(first.paging?.next?.after).toBe('200')
  const second = await searchApi.doSearch({ ...request, limit: 200, after: '200', filterGroups: everyone })
  expect(first.results.map(({ id }) => id)).not.toContain(second.results[0]!.id)
  const dates = first.results.map((contact) => contact.properties['createdate'] ?? '')
  expect(dates).toEqual([...dates].sort().reverse())
})

test('the client meets the rolling limit, and the limit of searches', async () => {
  const client = signedIn()
  clock += 10_000
  control.setWindow('ten_secondly', { limit: 3 })
  for (let call = 0; call < 3; call++) await client.crm.contacts.basicApi.getPage(1)
  const limited = await failure(client.crm.contacts.basicApi.getPage(1))
  expect(limited.code).toBe(429)
  expect(limited.body).toEqual({
    status: 'error',
    message: 'You have reached your ten_secondly_rolling limit.',
    errorType: 'RATE_LIMIT',
    correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    policyName: 'TEN_SECONDLY_ROLLING',
    groupName: expect.stringMatching(/^publicapi:oauth-api-calls-ten-secondly:\d+$/),
  })
  expect(limited.headers).toMatchObject({ 'x-hubspot-ratelimit-max': '3', 'x-hubspot-ratelimit-remaining': '0' })
  clock += 10_000
  await client.crm.contacts.basicApi.getPage(1)
  control.setWindow('ten_secondly', { limit: 110 })

  control.setWindow('search', { limit: 0 })
  const request = { query: 'x', limit: 1, after: '0', sorts: [], properties: [], filterGroups: [] }
  const searched = await failure(client.crm.contacts.searchApi.doSearch(request))
  control.setWindow('search', { limit: 5 })
  expect(searched.body).toMatchObject({ message: 'You have reached your secondly limit.', policyName: 'SECONDLY' })
  expect(Object.keys(searched.headers).filter((name) => name.includes('ratelimit'))).toEqual([])
})

test('the client is refused with an expired, a foreign and a narrow token', async () => {
  const { accessToken } = control.signIn({ scope })
  control.expireAccessTokens()
  clock += 75_000
  const expired = await failure(connect(accessToken).crm.contacts.basicApi.getPage(1))
  expect(expired.code).toBe(401)
  expect(expired.body).toEqual({
    status: 'error',
    message: 'The OAuth token used to make this call expired 75 second(s) ago.',
    correlationId: expect.any(String),
    category: 'EXPIRED_AUTHENTICATION',
    context: { 'expire time': [new Date(clock - 75_000).toISOString()] },
  })
  const unknown = await failure(connect('nobody').crm.contacts.basicApi.getPage(1))
  expect(unknown).toMatchObject({ code: 401, body: { category: 'INVALID_AUTHENTICATION' } })
  const narrow = connect(control.signIn({ scope: 'crm.objects.contacts.read' }).accessToken)
  const refused = await failure(narrow.crm.companies.basicApi.create({ properties: { name: 'x' }, associations: [] }))
  expect(refused.code).toBe(403)
  expect(refused.body).toMatchObject({
    category: 'MISSING_SCOPES',
    errors: [{ context: { requiredGranularScopes: ['crm.objects.companies.write'] } }],
  })
})
