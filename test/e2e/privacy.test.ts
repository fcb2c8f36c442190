import type { World } from '@quartermaster/sandbox'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
let world: World
beforeAll(async () => {
  testbed = await openTestbed()
  world = (await (await fetch(`${testbed.sandboxUrl}/__sandbox/acme/world`)).json()) as World
  // Reading everything takes more calls than ten seconds allow; quotas have tests of their own.
  for (const system of ['hubspot', 'salesforce']) {
    for (const name of Object.keys(testbed.control(system).windows()))
      testbed.control(system).setWindow(name, { limit: 100_000 })
  }
})
afterAll(() => testbed.close())

/** What stands for a person in the demo company: addresses, numbers, notes, names that are not also words. */
function personalValues(): readonly string[] {
  const businessText = JSON.stringify([
    world.organisations.map(({ name, domain }) => [name, domain]),
    world.deals.map(({ name }) => name),
  ])
  const values = world.people.flatMap((person) => [
    person.email,
    ...person.otherEmails,
    person.phone,
    person.mobile,
    person.assistantEmail,
    person.notes,
    person.lastName.length >= 6 && !businessText.includes(person.lastName) ? person.lastName : null,
  ])
  const colleagues = world.colleagues.map(({ email }) => email)
  const notes = world.deals.flatMap(({ notes, nextStep }) => [notes, nextStep])
  return [
    ...new Set([...values, ...colleagues, ...notes].filter((value) => typeof value === 'string' && value.length >= 6)),
  ] as string[]
}

/** Leaks in a text, looked for as they are, as JSON writes them, as a URL and as base64. */
function leaksIn(text: string, values: readonly string[]): readonly string[] {
  return values.filter((value) =>
    [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('base64')].some(
      (form) => text.includes(form),
    ),
  )
}

/** Everything a URL shows: its tools, every page of every list, one record of every kind, its refusals. */
async function readEverything(url: string): Promise<{ text: string; records: number }> {
  const listed = await testbed.rpc(url, 'tools/list')
  const tools = listed.body.result?.tools ?? []
  const texts = [listed.text]
  let records = 0
  for (const { name, inputSchema } of tools) {
    const required = inputSchema.required ?? []
    const ids: string[] = []
    if (required.length === 0) {
      let cursor: unknown
      do {
        const { answer, value } = await testbed.call(url, name, {
          limit: '100',
          ...(cursor ? { next_cursor: cursor } : {}),
        })
        texts.push(answer.text)
        const result = (value['result'] ?? []) as { id: string }[]
        ids.push(...result.map(({ id }) => id))
        records += result.length
        cursor = value['next_cursor']
      } while (cursor)
    }
    const getter = tools.find(
      (tool) => tool.name.startsWith('get_single') && name.includes(tool.name.split('_').slice(-3)[0] ?? '?'),
    )
    if (getter && ids[0]) texts.push((await testbed.call(url, getter.name, { id: ids[0] })).answer.text)
    texts.push((await testbed.call(url, name, { id: 'no such id', next_cursor: 'no such cursor' })).answer.text)
  }
  return { text: texts.join('\n'), records }
}

test.each(['hubspot', 'salesforce'])(
  'nothing personal leaves %s for analytics, and the same scan finds it for sales',
  async (system) => {
    const values = personalValues()
    expect(values.length).toBeGreaterThan(1_000)
    const analytics = await readEverything((await testbed.issue(system, roles.analytics.spec)).url)
    expect(analytics.records).toBeGreaterThan(200)
    expect(leaksIn(analytics.text, values)).toEqual([])

    // The same on the widest set of tools: the policy holds, not the choice of tools.
    const stripped = await readEverything((await testbed.issue(system, { pii: 'strip', methods: ['read'] })).url)
    expect(stripped.records).toBeGreaterThan(900)
    expect(leaksIn(stripped.text, values)).toEqual([])

    const full = await readEverything((await testbed.issue(system, { pii: 'full', methods: ['read'] })).url)
    expect(leaksIn(full.text, values).length).toBeGreaterThan(values.length * 0.6)
  },
)

test.each(['hubspot', 'salesforce'])(
  'a masked URL of %s shows names, and no address, number or birthday',
  async (system) => {
    const masked = await readEverything((await testbed.issue(system, { pii: 'mask', methods: ['read'] })).url)
    const reachable = world.people.flatMap(({ email, phone, mobile, birthDate, assistantEmail }) => [
      email,
      phone,
      mobile,
      birthDate,
      assistantEmail,
    ])
    const business = JSON.stringify(world.organisations)
    const values = reachable.filter(
      (value): value is string => value !== null && value.length > 5 && !business.includes(value),
    )
    expect(leaksIn(masked.text, values)).toEqual([])
    expect(masked.text).toMatch(/[a-z]\*\*\*@[a-z]/)
    const names = world.people.map(({ lastName }) => lastName).filter((name) => /^[A-Za-z]{6,}$/.test(name))
    expect(leaksIn(masked.text, names).length).toBeGreaterThan(20)
  },
)

test('a stripped URL cannot ask about what it cannot read', async () => {
  for (const system of ['hubspot', 'salesforce']) {
    const { url } = await testbed.issue(system, { pii: 'strip', methods: ['read'] })
    const tools = (await testbed.rpc(url, 'tools/list')).body.result?.tools ?? []
    const search = tools.filter(({ name }) => /^search_.*contacts$/.test(name))
    for (const tool of search) {
      expect(Object.keys(tool.inputSchema.properties)).not.toEqual(expect.arrayContaining(['query']))
      const known = world.people.find(({ email }) => email !== null)?.email
      const [hit, miss] = await Promise.all([
        testbed.call(url, tool.name, { query: known, email: known }),
        testbed.call(url, tool.name, { query: 'zzz-nobody', email: 'nobody@nowhere.example' }),
      ])
      // Ignored alike: the two answers differ in nothing but the request.
      expect(hit.value['result_count']).toBe(miss.value['result_count'])
    }
  }
})

test('logs and audit hold nothing personal, whatever was asked', async () => {
  const values = personalValues()
  const { url } = await testbed.issue('hubspot', { methods: ['read', 'write'] })
  const person = world.people.find(({ email }) => email !== null)
  await testbed.call(url, 'search_hub_spot_contacts', { query: person?.email })
  await testbed.call(url, 'create_a_hub_spot_contact', { email: person?.email, last_name: person?.lastName })
  await testbed.call(url, 'get_single_hub_spot_contact_by_id', { id: person?.email })
  await testbed.call(url, String(person?.email), {})
  const { body } = await testbed.admin('GET', '/audit')
  expect(leaksIn(JSON.stringify(body), values)).toEqual([])
  expect(leaksIn(testbed.logs.join('\n'), values)).toEqual([])
  expect(testbed.logs.length).toBeGreaterThan(100)
})
