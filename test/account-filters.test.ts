/**
 * @module
 * Searches by the fields that only one account has, through the real server: the faked vendors decide what matches, and
 * what a role cannot see it can neither ask about nor find out about.
 */
import { policyNames } from '@quartermaster/protocol'
import { type ListedTool, openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  // Reading everything takes more calls than the windows allow; quotas have tests of their own.
  for (const system of Object.keys(testbed.accounts)) {
    const control = testbed.control(system)
    for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 1_000_000 })
  }
  await fillLeadsOfHubSpot()
})
afterAll(() => testbed.close())

type Shown = { readonly id: string; readonly custom_fields?: Readonly<Record<string, unknown>> }
type Args = Readonly<Record<string, unknown>>

const propertiesOf = async (url: string, name: string) => {
  const { tools = [] } = (await testbed.rpc(url, 'tools/list')).body.result ?? {}
  const found = tools.find((tool: ListedTool) => tool.name === name)
  return (found?.inputSchema.properties ?? {}) as Readonly<Record<string, { readonly enum?: readonly string[] }>>
}
const ownOf = async (url: string, name: string) =>
  Object.keys(await propertiesOf(url, name)).filter((each) => each.startsWith('custom_'))

/** Every record that a search finds, page after page. */
async function all(url: string, name: string, args: Args = {}, limit = '100'): Promise<readonly Shown[]> {
  const found: Shown[] = []
  let cursor: unknown
  do {
    const { value } = await testbed.call(url, name, { ...args, limit, ...(cursor ? { next_cursor: cursor } : {}) })
    expect(value['error']).toBeUndefined()
    found.push(...(value['result'] as Shown[]))
    cursor = value['next_cursor']
  } while (cursor)
  return found
}
const idsOf = (records: readonly Shown[]) => records.map(({ id }) => id).sort()

async function codeOf(url: string, name: string, args: Args): Promise<unknown> {
  const { value } = await testbed.call(url, name, args)
  return (value['error'] as { readonly code?: unknown } | undefined)?.code
}

describe.each([
  ['hubspot', 'hub_spot', 'renewal_risk', 'assistant_email'],
  ['salesforce', 'salesforce', 'Renewal_Risk__c', 'Assistant_Email__c'],
])('%s', (system, prefix, risk, assistant) => {
  const deals = `search_${prefix}_opportunities`
  const contacts = `search_${prefix}_contacts`
  const rest = { limit: '100', next_cursor: '' }

  test('finds the records that have the value, and no others', async () => {
    const { url } = await testbed.issue(system)
    const { custom_renewal_risk: property } = await propertiesOf(url, deals)
    expect(property?.enum).toEqual(expect.arrayContaining(['low', 'medium', 'high']))
    const everything = await all(url, deals)
    for (const value of ['low', 'medium', 'high']) {
      const expected = everything.filter(({ custom_fields: own }) => own?.[risk] === value)
      expect(expected.length).toBeGreaterThan(0)
      expect(expected.length).toBeLessThan(everything.length)
      expect(idsOf(await all(url, deals, { custom_renewal_risk: value }))).toEqual(idsOf(expected))
    }
  })

  test('joins the other filters, the words of a search too', async () => {
    const { url } = await testbed.issue(system)
    const open = await all(url, deals, { status: 'open' })
    const expected = open.filter(({ custom_fields: own }) => own?.[risk] === 'high')
    expect(idsOf(await all(url, deals, { status: 'open', custom_renewal_risk: 'high' }))).toEqual(idsOf(expected))
    const named = await all(url, deals, { query: 'Renewal' })
    const both = named.filter(({ custom_fields: own }) => own?.[risk] === 'low')
    expect(idsOf(await all(url, deals, { query: 'Renewal', custom_renewal_risk: 'low' }))).toEqual(idsOf(both))
  })

  test('a cursor keeps the filter, and opens for no other', async () => {
    const { url } = await testbed.issue(system)
    const high = { custom_renewal_risk: 'high' }
    expect(idsOf(await all(url, deals, high, '3'))).toEqual(idsOf(await all(url, deals, high)))
    const { value } = await testbed.call(url, deals, { ...high, limit: '1' })
    const next = { limit: '1', next_cursor: value['next_cursor'] }
    expect(await codeOf(url, deals, { ...next, ...high })).toBeUndefined()
    for (const other of [{}, { custom_renewal_risk: 'low' }, { ...high, status: 'open' }]) {
      expect(await codeOf(url, deals, { ...next, ...other })).toBe('invalid_cursor')
    }
  })

  test('a value that would be a query is a value', async () => {
    const { url } = await testbed.issue(system)
    const [one] = (await all(url, contacts)).filter(({ custom_fields: own }) => own?.[assistant] !== undefined)
    const found = await all(url, contacts, { custom_assistant_email: one?.custom_fields?.[assistant] })
    expect(found.map(({ id }) => id)).toContain(one?.id)
    for (const value of [
      "' OR Id != null OR Name = '",
      "\\' OR Id != null OR Name = '",
      "x' OR Name LIKE '%",
      '\\',
      "'",
      '%',
      '*',
      'null',
      '"}]},{"filters":[{"propertyName":"email","operator":"HAS_PROPERTY"}]',
      'x\n OR Id != null',
    ]) {
      expect([value, await all(url, contacts, { custom_assistant_email: value })]).toEqual([value, []])
    }
    // A picklist has its values, and no query is one of them.
    expect(await codeOf(url, deals, { custom_renewal_risk: "high' OR Id != null OR Name = '" })).toBe(
      'invalid_arguments',
    )
  })

  test.each(policyNames.filter((name) => name !== 'full'))(
    'under %s a custom field is an argument that never was',
    async (pii) => {
      const { url } = await testbed.issue(system, { pii })
      expect(await ownOf(url, deals)).toEqual([])
      const before = testbed.control(system).counters()
      const known = await testbed.call(url, deals, { ...rest, custom_renewal_risk: 'high' })
      const sent = testbed.control(system).counters()
      const unknown = await testbed.call(url, deals, { ...rest, custom_renewal_wish: 'high' })
      const text = JSON.stringify(known.value).replace(/"next_cursor":"[^"]+"/, '')
      const other = JSON.stringify(unknown.value).replace(/"next_cursor":"[^"]+"/, '')
      expect(text.replaceAll('custom_renewal_risk', 'X')).toBe(other.replaceAll('custom_renewal_wish', 'X'))
      expect(text).toContain('Ignored unknown arguments: custom_renewal_risk.')
      const count = (of: typeof before) => Object.values(of.requests).reduce((sum, one) => sum + one, 0)
      expect(count(testbed.control(system).counters()) - count(sent)).toBe(count(sent) - count(before))
    },
  )

  test('what filters is in the audit by its name, and what nobody published is not', async () => {
    const { url, id: serverId } = await testbed.issue(system)
    await testbed.call(url, deals, { custom_renewal_risk: 'high', "custom_x' OR 1=1": 'a', custom_nobody: 'b' })
    const masked = await testbed.issue(system, { pii: 'mask' })
    await testbed.call(masked.url, deals, { custom_renewal_risk: 'high', limit: '1' })
    const { body } = await testbed.admin('GET', '/audit?limit=50')
    const rows = (body as { result: { tool: string; server_id: string; shape: string[] }[] }).result
    const shapes = (server: string) =>
      rows.filter((row) => row.server_id === server && row.tool === deals).map(({ shape }) => [...shape].sort())
    expect(shapes(serverId)).toEqual([['custom_renewal_risk', 'limit']])
    expect(shapes(masked.id)).toEqual([['limit']])
  })

  test('filters of every type ask the system about what it has, retired values included', async () => {
    const { url } = await testbed.issue(system, { methods: ['read', 'update'] })
    const leads = `search_${prefix}_leads`
    const properties = await propertiesOf(url, leads)
    const retired = system === 'hubspot' ? 'public_sector' : 'Public Sector'
    expect(properties['custom_segment']?.enum).toContain(retired)
    const everything = await all(url, leads)
    const questions: Readonly<Record<string, unknown>> = {
      segment: retired,
      budget_approved: true,
      seats: 25.5,
      decision_by: decisionOf(everything),
    }
    for (const [name, value] of Object.entries(questions)) {
      const expected = everything.filter(({ custom_fields: own = {} }) =>
        Object.entries(own).some(
          ([key, has]) => key.toLowerCase().replace(/__c$/, '') === name && String(has) === String(value),
        ),
      )
      expect([name, expected.length > 0 && expected.length < everything.length]).toEqual([name, true])
      // Models write flags and numbers as texts, too.
      for (const asked of [value, String(value)]) {
        const found = await all(url, leads, { [`custom_${name}`]: asked })
        expect([name, idsOf(found)]).toEqual([name, idsOf(expected)])
      }
    }
    expect(properties).not.toHaveProperty('custom_background')
    expect(await codeOf(url, leads, { custom_decision_by: '2027-01-31 OR Id != null' })).toBe('invalid_arguments')
    expect(await codeOf(url, leads, { custom_seats: '1 OR Id != null' })).toBe('invalid_arguments')
  })
})

function decisionOf(records: readonly Shown[]): string {
  const found = records.flatMap(({ custom_fields: own }) => own?.['decision_by'] ?? own?.['Decision_By__c'] ?? [])
  return String(found[0])
}

/** What the other system's leads have from the start. */
async function fillLeadsOfHubSpot(): Promise<void> {
  const scope = 'oauth crm.schemas.leads.write crm.objects.leads.read crm.objects.leads.write'
  const { accessToken } = testbed.control('hubspot').signIn({ scope })
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${testbed.sandboxUrl}/acme/hubspot/crm/v3/${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect([path, response.ok]).toEqual([path, true])
    return response.json()
  }
  const segments = ['enterprise', 'small_business', 'public_sector']
  const options = segments.map((value) => ({ label: value, value, hidden: value === 'public_sector' }))
  for (const property of [
    { name: 'segment', label: 'Segment', type: 'enumeration', fieldType: 'select', options },
    { name: 'budget_approved', type: 'bool', fieldType: 'booleancheckbox' },
    { name: 'seats', type: 'number', fieldType: 'number' },
    { name: 'decision_by', type: 'date', fieldType: 'date' },
    { name: 'background', type: 'string', fieldType: 'textarea' },
  ]) {
    await ask('POST', 'properties/leads', property)
  }
  const { results } = (await ask('GET', 'objects/leads?limit=4')) as { readonly results: readonly Shown[] }
  for (const [nth, { id }] of results.entries()) {
    const budget = { budget_approved: String(nth % 2 === 0), seats: String(nth * 25 + 0.5) }
    const properties = { ...budget, segment: segments[nth % 3], decision_by: `2027-01-0${nth + 1}` }
    await ask('PATCH', `objects/leads/${id}`, { properties })
  }
}
