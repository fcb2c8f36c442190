/** @module A folder that is wrong says everything that is wrong with it. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConnectorInvalid } from './connector-invalid.ts'
import { catalogFolder, loadCatalog } from './load-catalog.ts'
import { loadConnector } from './load-connector.ts'

function broken(change: (yaml: string) => string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'connector-')), 'hubspot')
  cpSync(join(catalogFolder, 'hubspot'), folder, { recursive: true })
  const path = join(folder, 'connector.yaml')
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  return folder
}

function faultsOf(folder: string): readonly string[] {
  try {
    loadConnector(folder)
    return []
  } catch (error) {
    if (!(error instanceof ConnectorInvalid)) throw error
    return error.faults.map(({ path, problem }) => `${path}: ${problem}`)
  }
}

describe('loadConnector()', () => {
  test('reports all faults of the format at once, with their paths', () => {
    const folder = broken((yaml) =>
      yaml
        .replace('format: 1', 'format: 1\nhook: fetchOwners')
        .replace('kind: oauth2', 'kind: oauth9')
        .replace('plural: contacts', 'plural: contacts\n    hooks: {}'),
    )
    const faults = faultsOf(folder)
    expect(faults).toContain('hook: unknown key')
    expect(faults).toContain('resources.contact.hooks: unknown key')
    expect(faults.some((fault) => fault.startsWith('auth.kind: '))).toBe(true)
  })

  test('reports all faults of the expressions at once', () => {
    const folder = broken((yaml) =>
      yaml
        .replace('"first_name": properties.firstname', '"frist_name": properties.firstname')
        .replace('$words(firstName, lastName)', '$word(firstName, lastName)')
        .replace('"street": $words(properties.address,', '"sreet": $words(properties.address,'),
    )
    expect(faultsOf(folder)).toEqual([
      'resources.contact.map: "frist_name" is not a canonical field',
      'resources.account.map: "addresses.sreet" is not a canonical field',
      'resources.user.map: unknown name $word',
    ])
  })

  test('reports references to nothing', () => {
    const folder = broken((yaml) =>
      yaml
        .replace('scopes: [crm.objects.owners.read]', 'scopes: [crm.objects.robots.read]')
        .replace('requires: [email]', 'requires: [emial]')
        .replace('/crm/objects/2026-09/contacts/{id}', '/crm/objects/2026-09/contacts/{key}'),
    )
    expect(faultsOf(folder)).toEqual([
      "resources.contact.methods.get.request.path: {key} is neither the record's id nor a required input",
      'resources.contact.methods.create.requires: "emial" is not in sets',
      'resources.user.methods.list.scopes: scope "crm.objects.robots.read" is not in auth',
    ])
  })

  test('reports places for custom field filters where there can be none', () => {
    const folder = broken((yaml) =>
      yaml
        .replace('"associations": "companies"}', '"associations": "companies", "own": $own}')
        .replace('    describe: /crm/properties/2026-09/companies\n', '')
        .replace(/picklist: true/g, 'picklist: false'),
    )
    expect(faultsOf(folder)).toEqual([
      'resources.contact.methods.list.request: "$own" goes with search, and only with it',
      'resources.account.methods.search.request: "$own" needs describe: where the own fields stand',
    ])
    const unsaid = faultsOf(broken((yaml) => yaml.replace(/^ {2}filter: .*$/m, '')))
    expect(unsaid).toContain('resources.lead.methods.search.request: "$own" needs account_fields.filter')
    expect(faultsOf(broken((yaml) => yaml.replace('$text(value)}', '$txt(value)}')))).toEqual([
      'account_fields.filter: unknown name $txt',
    ])
  })

  test('reports quotas that cannot be counted or asked about', () => {
    const folder = broken((yaml) =>
      yaml
        .replace('      window_s: 10\n', '')
        .replace('only: /search', 'only: /search\n      except: /batch')
        .replace('window_s: 86400\n', 'window_s: 86400\n      counted: { limit: 1000 }\n')
        .replace('      limit: { header: x-hubspot-ratelimit-daily }', '      reset: { header: x-reset }')
        .replace('      remaining: { header: x-hubspot-ratelimit-daily-remaining }\n', ''),
    )
    expect(faultsOf(folder)).toEqual([
      'quota.policies.ten-secondly.counted: needs window_s',
      'quota.policies.secondly.except: does not go with only',
      "quota.policies.daily.counted: goes with windows of at most 3600 s; longer ones are the system's to count",
      'quota.policies.daily.low_wait_s: does not go with counted',
      'quota.policies.daily.low_wait_s: needs remaining or pair',
    ])
    const format = broken((yaml) => yaml.replace('except: /search', 'except: search').replace('limit: 110', 'limit: 0'))
    expect(faultsOf(format).map((fault) => fault.split(': ')[0])).toEqual([
      'quota.policies.ten-secondly.counted.limit',
      'quota.policies.ten-secondly.except',
    ])
  })

  test("gives a system's quotas as rules: what is counted, and which requests count", () => {
    const { quotas } = loadConnector(join(catalogFolder, 'hubspot'))
    const covering = (url: string) => quotas.filter(({ covers }) => covers(url)).map(({ policy }) => policy)
    expect(covering('https://api.hubapi.com/crm/objects/2026-09/contacts?after=/search')).toEqual([
      'ten-secondly',
      'daily',
    ])
    expect(covering('https://api.hubapi.com/crm/objects/2026-09/contacts/search')).toEqual(['secondly', 'daily'])
    expect(covering('https://api.hubapi.com/crm/objects/2026-09/contacts/search/?x=1')).toEqual(['secondly', 'daily'])
    expect(quotas.map(({ policy, counted, lowWaitS }) => ({ policy, counted, lowWaitS }))).toEqual([
      { policy: 'ten-secondly', counted: { limit: 110, windowS: 10 }, lowWaitS: undefined },
      { policy: 'secondly', counted: { limit: 5, windowS: 1 }, lowWaitS: undefined },
      { policy: 'daily', counted: undefined, lowWaitS: 3600 },
    ])
  })

  test('reports a record without front matter, an input without description, and a record of nothing', () => {
    const folder = broken((yaml) => yaml)
    writeFileSync(join(folder, 'docs', 'contact.list.md'), 'List contacts.')
    expect(faultsOf(folder)).toEqual(['docs/contact.list.md: must start with front matter between two lines of ---'])
    writeFileSync(join(folder, 'docs', 'contact.list.md'), '---\ntitle: List\n---\n\nList contacts.')
    writeFileSync(join(folder, 'docs', 'user.list.md'), '---\ntitle: List\n---\n\nList users.')
    writeFileSync(join(folder, 'docs', 'robot.list.md'), '---\ntitle: List\n---\n\nList robots.')
    expect(faultsOf(folder)).toEqual([
      'docs/user.list.md: input "email" has no description',
      'docs/robot.list.md: documents a method that does not exist',
    ])
  })

  test('says what is wrong with YAML, a missing file, and a folder of another name', () => {
    expect(faultsOf(broken(() => 'id: [1'))[0]).toMatch(/^: /)
    expect(faultsOf(broken((yaml) => `${yaml}\nid: again`))[0]).toMatch('Map keys must be unique')
    expect(faultsOf(tmpdir())).toContain('connector.yaml: does not exist')
    expect(faultsOf(broken((yaml) => yaml.replace('id: hubspot', 'id: hubspott')))).toEqual([
      `id: must be the folder's name, "hubspot"`,
    ])
  })
})

test('a method without a documentation record has no tool', () => {
  const folder = broken((yaml) =>
    yaml
      .replace('  stage:\n', '  stage:\n')
      .replace(
        '    methods:\n      list:\n',
        '    methods:\n      secret:\n        kind: list\n        scopes: []\n        request: { method: GET, path: /x }\n        response: { records: results }\n        pagination: { kind: none }\n      list:\n',
      ),
  )
  const method = loadConnector(folder).methods.find(({ name }) => name === 'secret')
  expect(method).toMatchObject({ kind: 'list', resource: 'contact' })
  expect(method?.tool).toBeUndefined()
})

const tool = (system: string, name: string) => {
  const method = loadCatalog()
    .get(system)
    ?.methods.find((one) => one.tool?.name === name)
  const input = method?.input.map(({ name: field, type, description, required }) => [
    field,
    type,
    description,
    required,
  ])
  return { description: method?.tool?.description, input }
}

test("the guide's three tools come out as the guide prints them", () => {
  expect(tool('hubspot', 'list_all_hub_spot_contacts')).toEqual({
    description:
      'List all contacts from HubSpot CRM. Returns paginated results including name, email, phone numbers, and custom properties.',
    input: [],
  })
  expect(tool('salesforce', 'get_single_salesforce_contact_by_id')).toEqual({
    description:
      'Retrieve a single Salesforce contact by ID. Returns all standard and custom fields for the contact record.',
    input: [],
  })
  expect(tool('hubspot', 'create_a_hub_spot_contact')).toEqual({
    description: 'Create a new contact in HubSpot CRM.',
    input: [
      ['first_name', 'string', 'Contact first name', false],
      ['last_name', 'string', 'Contact last name', false],
      ['email', 'string', 'Primary email address', true],
      ['phone', 'string', 'Phone number', false],
      ['company', 'string', 'Company name', false],
    ],
  })
})

test('what may be filtered by personal data says so', () => {
  const filters = (system: string, name: string, field: string) =>
    loadCatalog()
      .get(system)
      ?.methods.find((one) => one.tool?.name === name)
      ?.input.find((one) => one.name === field)?.filters
  expect(filters('hubspot', 'search_hub_spot_contacts', 'query')).toEqual(['identity', 'business'])
  expect(filters('salesforce', 'search_salesforce_contacts', 'email')).toEqual(['contact'])
  expect(filters('salesforce', 'search_salesforce_opportunities', 'query')).toEqual(['business'])
  expect(filters('hubspot', 'create_a_hub_spot_contact', 'email')).toEqual([])
})
