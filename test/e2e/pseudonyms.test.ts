import type { McpServerConfigInput } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { valuesAt } from '../canaries/questions.ts'
import { listTools, transports } from '../canaries/transports.ts'
import { unlimited } from '../canaries/unlimited.ts'

type Row = Readonly<Record<string, unknown>>
const [mcp] = transports
const classification = `
format: 1
tenants:
  acme:
    hubspot:
      contact:
        fields: { title: identity }
        custom_fields:
          favourite_colour: none
          assistant_email: contact
          badge_number: { class: business, treatment: strip }
`
let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ ...unlimited, classification })
})
afterAll(() => testbed.close())

async function role(system: string, config: McpServerConfigInput) {
  const { url } = await testbed.issue(system, config)
  const tools = await listTools(url, testbed.server.adminToken)
  const call = async (name: string, args: Row = {}) =>
    JSON.parse((await mcp?.call(url, testbed.server.adminToken, name, args))?.text ?? '{}') as Row
  const rows = async (name: string, args: Row = {}) => {
    const answer = await call(name, args)
    return (answer['result'] ?? []) as readonly Row[]
  }
  return { names: tools.map(({ name }) => name), tools, call, rows }
}

test('a role that sees pseudonyms joins people, companies and owners without knowing one of them', async () => {
  const analyst = await role('hubspot', { methods: ['read'], pii: 'pseudonym' })
  const full = await role('hubspot', { methods: ['read'], pii: 'full' })
  const list = 'list_all_hub_spot_opportunities'
  const [deals, real] = [await analyst.rows(list, { limit: '50' }), await full.rows(list, { limit: '50' })]
  for (const path of ['owner.id', 'account.id', 'contacts.id']) {
    const [tokens, ids] = [valuesAt(deals, path), valuesAt(real, path)]
    expect(tokens.length).toBe(ids.length)
    expect(tokens.filter((token) => !/^psn_(user|account|contact)_[0-9A-Za-z]{27}$/.test(token))).toEqual([])
    // Equal where the ids are equal, different where they differ.
    expect(tokens.map((token) => tokens.indexOf(token))).toEqual(ids.map((id) => ids.indexOf(id)))
  }
  const owned = async ({ rows }: typeof full, of: readonly Row[]) => {
    const users = new Set((await rows('list_all_hub_spot_users')).map(({ id }) => id))
    return valuesAt(of, 'owner.id').map((id) => users.has(id))
  }
  expect(await owned(analyst, deals)).toEqual(await owned(full, real))
  expect((await owned(analyst, deals)).filter(Boolean).length).toBeGreaterThan(20)
  expect(analyst.names.filter((name) => name.startsWith('get_single') && !/pipeline|stage/.test(name))).toEqual([])
})

test('the same address has the same pseudonym in both systems of a tenant', async () => {
  const config = { methods: ['read'], pii: 'pseudonym' } as const
  const people = async (system: string, tool: string) => {
    const { rows } = await role(system, { ...config, methods: ['read'] })
    return valuesAt(await rows(tool, { limit: '100' }), 'email_addresses.email')
  }
  const [one, other] = [
    await people('hubspot', 'list_all_hub_spot_contacts'),
    await people('salesforce', 'list_all_salesforce_contacts'),
  ]
  expect(new Set(one.filter((token) => other.includes(token))).size).toBeGreaterThan(50)
})

test('a role with the grant reads, searches and writes by pseudonym, and the answer shows pseudonyms again', async () => {
  const config = { methods: ['read', 'write'], pii: 'pseudonym', resolve_pseudonyms: true } as const
  const agent = await role('hubspot', { ...config, methods: ['read', 'write'] })
  const [contact] = await agent.rows('list_all_hub_spot_contacts', { limit: '1' })
  const id = String(contact?.['id'])
  const [email] = valuesAt(contact, 'email_addresses.email')
  expect(await agent.call('get_single_hub_spot_contact_by_id', { id })).toMatchObject({ result: { id } })

  const changed = await agent.call('update_a_hub_spot_contact_by_id', { id, title: 'Buyer', phone: '+1 415 555 0199' })
  const raw = testbed
    .control('hubspot')
    .records('contacts')
    ?.find((one) => JSON.stringify(one).includes('+1 415 555 0199'))
  expect(raw).toBeDefined()
  expect(changed).toMatchObject({ result: { id } })
  expect(JSON.stringify(changed)).not.toContain('0199')

  const made = await agent.call('create_a_hub_spot_contact', { email: `psn_email_${'1'.repeat(38)}`, last_name: 'x' })
  // A token that does not open is text like any other, so the system judges it.
  expect(JSON.stringify(made)).not.toContain('psn_email_1111')
  expect(email).toMatch(/^psn_email_/)
  const deleted = await agent.call('delete_a_hub_spot_contact_by_id', { id })
  expect(deleted).toMatchObject({ result: { id, deleted: true } })
  expect(testbed.control('hubspot').record('contacts', String(raw?.['id']))?.['archived'] ?? true).toBe(true)
})

test('real values, foreign tokens and made-up tokens are refused in the same words', async () => {
  const agent = await role('salesforce', { methods: ['read'], pii: 'pseudonym', resolve_pseudonyms: true })
  const full = await role('salesforce', { methods: ['read'], pii: 'full' })
  const [there] = await full.rows('list_all_salesforce_contacts', { limit: '1' })
  const elsewhere = await role('hubspot', { methods: ['read'], pii: 'pseudonym' })
  const [foreign] = await elsewhere.rows('list_all_hub_spot_contacts', { limit: '1' })
  const answers: string[] = []
  for (const id of [there?.['id'], '003000000000001AAA', foreign?.['id'], `psn_contact_${'a'.repeat(27)}`, 'x']) {
    const answer = await agent.call('get_single_salesforce_contact_by_id', { id })
    answers.push(JSON.stringify(answer).replace(/req_[0-9A-Za-z]+/, 'req'))
  }
  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toContain('must be a pseudonym')
  // Without the grant there is nothing that takes one.
  const reader = await role('salesforce', { methods: ['read'], pii: 'pseudonym' })
  expect(reader.names).not.toContain('get_single_salesforce_contact_by_id')
})

test("the account's custom fields are shown by what the operator says of them, to each role its classes", async () => {
  const shown = async (pii: 'full' | 'mask' | 'strip') => {
    const { rows } = await role('hubspot', { methods: ['read'], pii })
    const contacts = await rows('list_all_hub_spot_contacts', { limit: '100' })
    return {
      fields: new Set(contacts.flatMap(({ custom_fields: own }) => Object.keys((own as object | undefined) ?? {}))),
      text: JSON.stringify(contacts.map(({ custom_fields: own }) => own)),
      titles: contacts.filter(({ title }) => title !== undefined).length,
    }
  }
  const [full, mask, strip] = [await shown('full'), await shown('mask'), await shown('strip')]
  expect([...full.fields].sort()).toEqual(['assistant_email', 'background_notes', 'favourite_colour'])
  expect([...mask.fields].sort()).toEqual(['assistant_email', 'favourite_colour'])
  expect(mask.text).toMatch(/"assistant_email":"a\*\*\*@/)
  expect([...strip.fields]).toEqual(['favourite_colour'])
  expect([full.titles > 0, strip.titles]).toEqual([true, 0])
})

test('that somebody is there already is told under an id to who may read it, and to others not at all', async () => {
  const full = await role('hubspot', { methods: ['read'], pii: 'full' })
  const [email] = valuesAt(await full.rows('list_all_hub_spot_contacts', { limit: '5' }), 'email_addresses.email')
  const create = async (pii: 'full' | 'mask' | 'strip' | 'pseudonym') => {
    const { call } = await role('hubspot', { methods: ['read', 'write'], pii })
    return (await call('create_a_hub_spot_contact', { email, last_name: 'Twice' }))['error'] as Row
  }
  expect(await create('full')).toMatchObject({ code: 'conflict', message: expect.stringMatching(/its id is \d+/) })
  for (const pii of ['mask', 'strip', 'pseudonym'] as const) {
    const refused = await create(pii)
    expect(refused).toMatchObject({ code: 'upstream_rejected' })
    expect(refused['message']).not.toMatch(/\d/)
  }
})

test('a changed classification is in force after SIGHUP, and a broken one changes nothing', async () => {
  const shown = async () => {
    const { rows } = await role('hubspot', { methods: ['read'], pii: 'strip' })
    return JSON.stringify(await rows('list_all_hub_spot_contacts', { limit: '50' })).includes('favourite_colour')
  }
  expect(await shown()).toBe(true)
  testbed.reclassify(classification.replace('favourite_colour: none', 'favourite_colour: nothing'))
  expect(await shown()).toBe(true)
  expect(testbed.logs.join('')).toContain('custom_fields.favourite_colour')
  testbed.reclassify(classification.replace('favourite_colour: none', 'favourite_colour: sensitive'))
  expect(await shown()).toBe(false)
})
