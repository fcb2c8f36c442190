/** @module Proves that HubSpot's own client gets along with batches, the other objects, associations and settings. */
import { Client } from '@hubspot/api-client'
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/deals/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VendorControl } from '../control/vendor-control.ts'
import { type Listening, listen } from '../listen.ts'
import { createSandbox } from '../sandbox.ts'

const objects = ['contacts', 'companies', 'deals', 'leads'].map((name) => `crm.objects.${name}`)
const scopes = [...objects.flatMap((name) => [`${name}.read`, `${name}.write`]), 'crm.objects.owners.read', 'tickets']

let server: Listening
let control: VendorControl
let client: Client

beforeAll(async () => {
  const sandbox = createSandbox({ tenants: ['acme'] })
  server = await listen(sandbox)
  control = sandbox.control('acme', 'hubspot')
  const { accessToken } = control.signIn({
    scope: [...scopes, 'crm.schemas.custom.read', 'crm.schemas.contacts.write'].join(' '),
  })
  const limiterOptions = { minTime: 0, maxConcurrent: 50 }
  client = new Client({ basePath: `${server.url}/acme/hubspot`, accessToken, limiterOptions })
})
afterAll(() => server.close())

test('the client reads, creates, upserts and archives in batches', async () => {
  const { batchApi } = client.crm.contacts
  const id = control.records('contacts')![0]!.id
  const whole = await batchApi.read({ inputs: [{ id }], properties: ['lastname'], propertiesWithHistory: [] })
  expect(whole.results.map((contact) => contact.id)).toEqual([id])
  const partly = await batchApi.readWithHttpInfo({
    inputs: [{ id }, { id: '9' }],
    properties: [],
    propertiesWithHistory: [],
  })
  expect(partly.httpStatusCode).toBe(207)
  expect(partly.data).toMatchObject({
    numErrors: 1,
    errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['9'] } }],
  })
  const made = await batchApi.create({ inputs: [{ properties: { email: 'batch@acme.example' }, associations: [] }] })
  const again = await batchApi.upsert({
    inputs: [
      { idProperty: 'email', id: 'batch@acme.example', properties: { firstname: 'B' } },
      { idProperty: 'email', id: 'fresh@acme.example', properties: { firstname: 'F' } },
    ],
  })
  expect(again.results.map((result) => result._new)).toEqual([false, true])
  expect(again.results[0]?.id).toBe(made.results[0]?.id)
  const changed = await batchApi.update({ inputs: [{ id: made.results[0]!.id, properties: { city: 'Brno' } }] })
  expect(changed.results[0]?.properties['city']).toBe('Brno')
  await batchApi.archive({ inputs: again.results.map((result) => ({ id: result.id })) })
  expect(control.record('contacts', made.results[0]!.id)?.archived).toBe(true)
})

test('the client handles companies, deals, tickets, tasks, notes and leads', async () => {
  const { crm } = client
  expect((await crm.companies.basicApi.getPage(10)).results).toHaveLength(10)
  expect((await crm.deals.basicApi.getPage(10)).results).toHaveLength(10)
  expect((await crm.tickets.basicApi.getPage(10)).results).toHaveLength(10)
  for (const type of ['tasks', 'leads', '0-46'])
    expect((await crm.objects.basicApi.getPage(type, 10)).results).toHaveLength(10)
  const properties = { dealname: 'D', pipeline: 'default', dealstage: 'appointmentscheduled', amount: '100' }
  const deal = await crm.deals.basicApi.create({ properties, associations: [] })
  const read = await crm.deals.basicApi.getById(deal.id, ['amount', 'hs_is_closed', 'hs_deal_stage_probability'])
  expect(read.properties).toMatchObject({ amount: '100', hs_is_closed: 'false', hs_deal_stage_probability: '0.2' })
  const note = { properties: { hs_note_body: 'x', hs_timestamp: '2026-11-22T00:00:00Z' }, associations: [] }
  expect((await crm.objects.basicApi.create('notes', note)).properties['hs_timestamp']).toBe('2026-11-22T00:00:00.000Z')
})

test('the client reads and writes associations', async () => {
  const { crm } = client
  const contact = control.records('contacts')!.find((record) => record.values['associatedcompanyid'])!
  const page = await crm.associations.v4.basicApi.getPage('contacts', contact.id, 'companies')
  expect(page.results[0]).toMatchObject({ toObjectId: contact.values['associatedcompanyid'] })
  expect(page.results[0]?.associationTypes.map((type) => [type.typeId, type.label])).toEqual([
    [1, 'Primary'],
    [279, null],
  ])
  const other = control.records('companies')!.find((record) => record.id !== contact.values['associatedcompanyid'])!
  const made = await crm.associations.v4.basicApi.createDefault('contacts', contact.id, 'companies', other.id)
  expect(made.results[0]?.associationSpec).toMatchObject({ associationTypeId: 279 })
  const many = await crm.associations.v4.batchApi.getPage('contacts', 'companies', {
    inputs: [{ id: contact.id }, { id: '9' }],
  })
  expect(many.results[0]?.to).toHaveLength(2)
  expect(many).toMatchObject({ numErrors: 1 })
  await crm.associations.v4.basicApi.archive('contacts', contact.id, 'companies', other.id)
  expect((await crm.associations.v4.basicApi.getPage('contacts', contact.id, 'companies')).results).toHaveLength(1)
})

test('the client reads owners, pipelines, properties and schemas', async () => {
  const { crm } = client
  const owners = await crm.owners.ownersApi.getPage(undefined, undefined, 100)
  expect(owners.results).toHaveLength(10)
  expect(await crm.owners.ownersApi.getById(Number(owners.results[0]!.id))).toMatchObject({
    email: owners.results[0]!.email,
  })
  const pipelines = await crm.pipelines.pipelinesApi.getAll('deals')
  expect(pipelines.results[0]).toMatchObject({ id: 'default' })
  expect(pipelines.results[0]?.stages[0]).toMatchObject({
    id: 'appointmentscheduled',
    metadata: { isClosed: 'false', probability: '0.2' },
  })
  const properties = await crm.properties.coreApi.getAll('contacts')
  const custom = properties.results.filter((each) => !each.hubspotDefined).map((each) => each.name)
  expect(custom).toEqual(['favourite_colour', 'assistant_email', 'background_notes', 'badge_number'])
  const email = properties.results.find((each) => each.name === 'email')
  expect(email).toMatchObject({ hasUniqueValue: true, modificationMetadata: { readOnlyValue: false } })
  expect((await crm.schemas.coreApi.getAll()).results).toEqual([])
})

test('the client adds a custom property, and contacts have it from then on', async () => {
  const { crm } = client
  const definition = {
    name: 'shoe_size',
    label: 'Shoe size',
    type: 'number',
    fieldType: 'number',
    groupName: 'contactinformation',
  }
  const made = await crm.properties.coreApi.create(
    'contacts',
    definition as Parameters<typeof crm.properties.coreApi.create>[1],
  )
  expect(made).toMatchObject({
    name: 'shoe_size',
    modificationMetadata: { archivable: true, readOnlyDefinition: false },
  })
  const { id } = control.records('contacts')![0]!
  const updated = await crm.contacts.basicApi.update(id, { properties: { shoe_size: '42' } })
  expect(updated.properties['shoe_size']).toBe('42')
  await expect(crm.contacts.basicApi.update(id, { properties: { shoe_size: 'large' } })).rejects.toThrow('INVALID_LONG')
  await expect(crm.properties.coreApi.create('contacts', definition as never)).rejects.toThrow('already exists')
})

test('a custom date is a day, and a search finds it', async () => {
  const { crm } = client
  const definition = { name: 'renews_on', label: 'Renews on', type: 'date', fieldType: 'date', groupName: 'x' }
  const create = crm.properties.coreApi.create
  await crm.properties.coreApi.create('contacts', definition as Parameters<typeof create>[1])
  const { id } = control.records('contacts')![1]!
  const midnight = String(Date.UTC(2027, 0, 31))
  const { properties } = await crm.contacts.basicApi.update(id, { properties: { renews_on: midnight } })
  expect(properties['renews_on']).toBe('2027-01-31')
  const on = async (value: string) => {
    const filters = [{ propertyName: 'renews_on', operator: 'EQ' as never, value }]
    const found = await crm.contacts.searchApi.doSearch({ filterGroups: [{ filters }] } as never)
    return found.results.map((one) => one.id)
  }
  expect([await on('2027-01-31'), await on('2027-01-30')]).toEqual([[id], []])
})

test('the client searches by the ids of associated records', async () => {
  const { searchApi } = client.crm.deals
  const [link] = (await client.crm.objects.basicApi.getPage('tasks', 1, undefined, undefined, undefined, ['deals']))
    .results
  const deal = link?.associations?.['deals']?.results[0]?.id ?? ''
  const filter = (propertyName: string, value: string) => [
    { filters: [{ propertyName, operator: FilterOperatorEnum.Eq, value }] },
  ]
  const request = { limit: 10, after: '0', sorts: [], properties: ['hs_task_subject'] }
  const { searchApi: objects } = client.crm.objects
  const tasks = await objects.doSearch('tasks', { ...request, filterGroups: filter('associations.deal', deal) })
  expect(tasks.results.map(({ id }) => id)).toEqual([link?.id])
  const nobody = await searchApi.doSearch({ ...request, filterGroups: filter('associations.contact', '1') })
  expect(nobody.total).toBe(0)
  const odd = searchApi.doSearch({ ...request, filterGroups: filter('associations.nothing', '1') })
  await expect(odd).rejects.toMatchObject({ code: 400 })
})
