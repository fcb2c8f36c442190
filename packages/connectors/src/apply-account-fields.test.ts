/** @module Methods of the catalog for accounts that have changed their fields. */
import { FailureError } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import type { AccountField } from './account-field.ts'
import { loadCatalog } from './load-catalog.ts'

const catalog = loadCatalog()
const base = { base: 'https://acme.my.salesforce.com' }

function method(name: string) {
  const found = catalog.get('salesforce')?.methods.find(({ resource, name: own }) => `${resource}.${own}` === name)
  if (!found) throw new RangeError(`there is no ${name}`)
  return found
}

const field = (name: string, more: Partial<AccountField> = {}): AccountField => ({
  name,
  label: name,
  type: 'string',
  required: false,
  creatable: true,
  updatable: true,
  filterable: true,
  custom: false,
  argument: name.toLowerCase(),
  ...more,
})
const tier = field('Tier__c', {
  label: 'Customer tier',
  custom: true,
  argument: 'tier',
  values: [
    { value: 'gold', label: 'Gold', active: true },
    { value: 'x1', label: 'Legacy', active: false },
  ],
})
const names = (shaped: ReturnType<typeof method>) => shaped.input.map(({ name }) => name)

test('forAccount() offers the custom fields of an account to writes, and sends them under their own names', async () => {
  const shaped = method('contact.update').forAccount([
    tier,
    field('Renewal__c', { type: 'date', custom: true, argument: 'renewal' }),
  ])
  expect(shaped.input.slice(-2)).toEqual([
    {
      name: 'custom_tier',
      type: 'string',
      required: false,
      enum: ['gold'],
      description: 'Customer tier (Tier__c)',
      filters: [],
      customField: 'Tier__c',
    },
    {
      name: 'custom_renewal',
      type: 'string',
      required: false,
      description: 'Renewal__c, YYYY-MM-DD (Renewal__c)',
      filters: [],
      customField: 'Renewal__c',
    },
  ])
  const input = { id: '003000000000001AAA', args: { title: 'CTO', custom_tier: 'gold', custom_renewal: '2027-01-31' } }
  const request = await shaped.prepare(input, base)
  expect(JSON.parse(request.body ?? '')).toEqual({ Title: 'CTO', Tier__c: 'gold', Renewal__c: '2027-01-31' })
})

test('forAccount() refuses what the account has no value for, before anything is sent', async () => {
  const shaped = method('contact.update').forAccount([
    tier,
    field('Due__c', { type: 'date', custom: true, argument: 'due' }),
  ])
  const send = (args: Record<string, string>) => shaped.prepare({ id: '003000000000001AAA', args }, base)
  await expect(send({ custom_tier: 'x1' })).rejects.toThrow(FailureError)
  await expect(send({ custom_due: 'soon' })).rejects.toThrow(/calendar date/)
})

test('forAccount() takes a picklist as the account has it, old values for searches included', () => {
  const status = field('Status', {
    label: 'Lead Status',
    values: [
      { value: 'A1', label: 'Fresh', active: true },
      { value: 'Gone', label: 'Gone', active: false },
    ],
  })
  const of = (name: string) =>
    method(name)
      .forAccount([status])
      .input.find((one) => one.name === 'status')
  expect(of('lead.create')).toMatchObject({ enum: ['A1'], description: 'Lead Status; A1 is Fresh' })
  expect(of('lead.search')).toMatchObject({ enum: ['A1', 'Gone'], filters: ['none'] })
})

test('forAccount() drops what cannot be written in this account, and requires what a new record needs', () => {
  const fields = [
    field('Title', { updatable: false }),
    field('Department', { creatable: false }),
    field('Email', { required: true }),
    field('LastName', { required: true, creatable: false }),
    field('Region__c', { custom: true, argument: 'region', required: true }),
  ]
  const create = method('contact.create').forAccount(fields)
  expect(names(create)).toEqual(expect.arrayContaining(['title', 'last_name', 'custom_region']))
  expect(names(create)).not.toContain('department')
  expect(create.input.filter(({ required }) => required).map(({ name }) => name)).toEqual([
    'last_name',
    'email',
    'custom_region',
  ])
  const update = method('contact.update').forAccount(fields)
  expect(names(update)).toEqual(expect.arrayContaining(['department', 'custom_region']))
  expect(names(update)).not.toContain('title')
  expect(update.input.some(({ required }) => required)).toBe(false)
})

test('forAccount() offers twenty custom fields, those that are needed first, and each name once', () => {
  const many = Array.from({ length: 40 }, (_, nth) => field(`F${nth}__c`, { custom: true, argument: `f${nth}` }))
  const fields = [...many, field('f0__c', { custom: true, argument: 'f0' }), { ...tier, required: true }]
  const own = names(method('contact.create').forAccount(fields)).filter((name) => name.startsWith('custom_'))
  expect(own).toHaveLength(20)
  expect(own[0]).toBe('custom_tier')
  expect(new Set(own).size).toBe(20)
})

test('forAccount() leaves a method as it is when the account has nothing to say', () => {
  for (const name of ['contact.update', 'lead.search', 'opportunity.summarize']) {
    expect(method(name).forAccount([]).input).toEqual(method(name).input)
  }
})

test('forAccount() offers custom fields as filters of a search, old values included, and nothing that is none', async () => {
  const shaped = method('contact.search').forAccount([
    field('Nickname__c', { custom: true, argument: 'nickname' }),
    field('Vip__c', { custom: true, argument: 'vip', type: 'boolean' }),
    tier,
    field('Hidden__c', { custom: true, argument: 'hidden', filterable: false }),
    field('Called__c', { custom: true, argument: 'called', type: 'datetime' }),
    field('Title', { argument: 'title' }),
  ])
  const own = shaped.input.filter(({ name }) => name.startsWith('custom_'))
  expect(own).toEqual([
    {
      name: 'custom_tier',
      type: 'string',
      required: false,
      enum: ['gold', 'x1'],
      description: 'Customer tier (Tier__c); x1 is Legacy',
      filters: ['unclassified'],
      customField: 'Tier__c',
    },
    expect.objectContaining({ name: 'custom_vip', type: 'boolean', customField: 'Vip__c' }),
    expect.objectContaining({ name: 'custom_nickname', type: 'string', customField: 'Nickname__c' }),
  ])
  const { url } = await shaped.prepare({ args: { custom_vip: false, custom_tier: 'x1' } }, base)
  expect(new URL(url).searchParams.get('q')).toContain(" WHERE Tier__c = 'x1' AND Vip__c = FALSE ORDER BY ")
})

test('forAccount() makes no filter of a name that could be more than a name, whoever has read it', async () => {
  const shaped = method('contact.search').forAccount([
    field('Id != null OR Name', { custom: true, argument: 'trick' }),
    field('__proto__', { custom: true, argument: 'proto' }),
  ])
  expect(shaped.input).toEqual(method('contact.search').input)
  const { url } = await shaped.prepare({ args: { custom_trick: 'x', custom_proto: 'x' } }, base)
  expect(url).not.toContain('WHERE')
})

test('forAccount() orders filters by what they are and then by name, and gives each name once', () => {
  const fields = ['b__c', 'B__c', 'a__c'].map((name) =>
    field(name, { custom: true, argument: name.slice(0, 1).toLowerCase() }),
  )
  const own = (of: typeof fields) =>
    method('contact.search')
      .forAccount(of)
      .input.flatMap(({ customField: name }) => name ?? [])
  expect(own(fields)).toEqual(['B__c', 'a__c'])
  expect(own([...fields].reverse())).toEqual(own(fields))
})

test('forAccount() gives custom field filters to searches only', () => {
  const fields = [field('Tier__c', { custom: true, argument: 'tier' })]
  for (const name of ['contact.list', 'contact.get', 'opportunity.summarize', 'note.search', 'contact.delete']) {
    expect(method(name).forAccount(fields).input).toEqual(method(name).input)
  }
})
