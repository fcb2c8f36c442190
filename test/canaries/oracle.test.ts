import { records as definitions, type PolicyName, policies, type RecordName } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asker, needs, normal, someRecords } from './asker.ts'
import { hiddenFields, methodOf, operators, valuesAt } from './questions.ts'
import { unlimited } from './unlimited.ts'

const nothingSaid = 'format: 1\ntenants: {}\n'
let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ ...unlimited, classification: nothingSaid })
})
afterAll(() => testbed.close())

const names = Object.keys(policies).filter((name) => name !== 'full') as PolicyName[]
const cases = names.flatMap((pii) => ['hubspot', 'salesforce'].map((system) => [pii, system] as const))

test.each(cases)(
  'a question about a field that %s hides in %s is answered like one about a field that is not there',
  async (pii, system) => {
    const whole = await asker(testbed, system, 'full')
    const role = await asker(testbed, system, pii)
    let asked = 0
    for (const tool of role.tools) {
      const method = methodOf(system, tool.name)
      const records = await someRecords(whole, method.resource)
      for (const [operator, write] of Object.entries(operators)) {
        const nobody = await role.call(tool.name, { ...needs(tool), ...write('zzz_nothing', 'zzz') })
        for (const { name, path } of hiddenFields(method, policies[pii])) {
          // A value that is there: the question would be answered "yes" if it were answered at all.
          const value = records.flatMap((record) => valuesAt(record, path))[0] ?? 'zzz'
          const answer = await role.call(tool.name, { ...needs(tool), ...write(name, value) })
          const about = [tool.name, operator, name]
          expect([about, normal(answer.text, name)]).toEqual([about, normal(nobody.text, 'zzz_nothing')])
          expect([about, answer.isError, answer.sent]).toEqual([about, nobody.isError, nobody.sent])
          asked += 1
        }
      }
    }
    expect(asked).toBeGreaterThan(100)
  },
  180_000,
)

test.each(cases)(
  'searching as %s in %s for a value that is hidden finds as little as searching for nothing',
  async (pii, system) => {
    const whole = await asker(testbed, system, 'full')
    const role = await asker(testbed, system, pii)
    const [visible, found] = [policies[pii], [] as unknown[]]
    for (const tool of role.tools) {
      const method = methodOf(system, tool.name)
      const query = method.input.find(({ name }) => name === 'query')
      if (!query || !('query' in tool.inputSchema.properties)) continue
      const records = await someRecords(whole, method.resource)
      const search = async (caller: typeof role, text: string) =>
        JSON.parse((await caller.call(tool.name, { ...needs(tool), query: text })).text) as Record<string, unknown>
      const nothing = await search(role, 'zzz-nobody')
      expect([tool.name, nothing['result_count']]).toEqual([tool.name, 0])
      for (const { path } of hiddenFields(method, visible)) {
        const values = records.flatMap((record) => valuesAt(record, path)).filter((value) => value.length > 8)
        for (const value of values.slice(0, 2)) {
          const answer = await search(role, value.slice(0, 190))
          const readable = records.some((record) =>
            readableText(record, pii, method.record).includes(value.toLowerCase()),
          )
          if (!readable) expect([tool.name, path, answer]).toEqual([tool.name, path, nothing])
          // Positive control: the role that sees everything does find some of them with the very same words.
          const seen = await search(whole, value.slice(0, 190))
          if (Number(seen['result_count']) > 0) found.push(path)
        }
      }
      const asked = method.input.flatMap(({ filters, narrows = [] }) => [filters, ...narrows.map((one) => one.filters)])
      const isOpen = asked.flat().every((piiClass) => visible[piiClass] === 'keep')
      expect([tool.name, typeof nothing['total_count'] === 'number' && !isOpen]).toEqual([tool.name, false])
    }
    if (pii === 'mask') expect(found.length).toBeGreaterThan(0)
  },
  180_000,
)

test.each(cases)(
  "a question about an account's custom field that %s hides in %s is answered like one about a field that is not there",
  async (pii, system) => {
    const whole = await asker(testbed, system, 'full')
    const role = await asker(testbed, system, pii)
    let asked = 0
    let told = 0
    for (const tool of role.tools.filter(({ name }) => name.startsWith('search_'))) {
      const open = whole.tools.find(({ name }) => name === tool.name)?.inputSchema.properties ?? {}
      const own = Object.keys(open).filter((name) => name.startsWith('custom_'))
      const records = await someRecords(whole, methodOf(system, tool.name).resource)
      expect(Object.keys(tool.inputSchema.properties).filter((name) => name.startsWith('custom_'))).toEqual([])
      for (const [operator, write] of Object.entries(operators)) {
        const nobody = await role.call(tool.name, { ...needs(tool), ...write('zzz_nothing', 'zzz') })
        for (const argument of own) {
          // As the argument is called, as answers would call the field, and as the system may call it.
          const word = argument.slice('custom_'.length)
          const value = records.flatMap((record) => ownValues(record, word))[0] ?? 'zzz'
          for (const name of [argument, word, `${word}__c`]) {
            const answer = await role.call(tool.name, { ...needs(tool), ...write(name, value) })
            const about = [tool.name, operator, name]
            expect([about, normal(answer.text, name)]).toEqual([about, normal(nobody.text, 'zzz_nothing')])
            expect([about, answer.isError, answer.sent]).toEqual([about, nobody.isError, nobody.sent])
            asked += 1
          }
          if (operator !== '=' || value === 'zzz') continue
          // Positive control: who sees the field learns from the very same question which records have the value.
          const seen = JSON.parse((await whole.call(tool.name, { [argument]: value })).text) as Found
          expect([argument, seen.result_count > 0]).toEqual([argument, true])
          for (const record of seen.result) expect(ownValues(record, word)).toContain(value)
          told += 1
        }
      }
    }
    expect(asked).toBeGreaterThan(50)
    expect(told).toBeGreaterThan(1)
  },
  180_000,
)

test.each([
  ['hubspot', 'search_hub_spot_contacts', 'favourite_colour', 'assistant_email'],
  ['salesforce', 'search_salesforce_contacts', 'Favourite_Colour__c', 'Assistant_Email__c'],
] as const)(
  'in %s an operator decides which custom fields can be asked about, from the next call on',
  async (system, tool, colour, assistant) => {
    const filters = async (pii: PolicyName) => {
      const listed = (await asker(testbed, system, pii)).tools.find(({ name }) => name === tool)
      return Object.keys(listed?.inputSchema.properties ?? {}).filter((name) => name.startsWith('custom_'))
    }
    const say = (fields: string) =>
      testbed.reclassify(
        `{ format: 1, tenants: { acme: { ${system}: { contact: { custom_fields: { ${fields} } } } } } }`,
      )
    const [whole, role] = [await asker(testbed, system, 'full'), await asker(testbed, system, 'strip')]
    const [value] = (await someRecords(whole, 'contact')).flatMap((record) => ownValues(record, 'favourite_colour'))
    const ask = async () => (await role.call(tool, { custom_favourite_colour: value })).text
    const hidden = await ask()
    expect(hidden).toContain('Ignored unknown arguments: custom_favourite_colour.')
    try {
      say(`${colour}: none, ${assistant}: contact`)
      await expect.poll(() => filters('strip')).toEqual(['custom_favourite_colour'])
      expect(await filters('mask')).toEqual(['custom_favourite_colour'])
      const open = JSON.parse(await ask()) as Found
      expect(open.result_count).toBeGreaterThan(0)
      for (const record of open.result) expect(ownValues(record, 'favourite_colour')).toEqual([value])
      say(`${colour}: { class: none, treatment: strip }`)
      await expect.poll(() => filters('strip')).toEqual([])
      expect(await filters('full')).not.toContain('custom_favourite_colour')
      expect(normal(await ask(), '')).toBe(normal(hidden, ''))
    } finally {
      testbed.reclassify(nothingSaid)
    }
  },
  60_000,
)

interface Found {
  readonly result_count: number
  readonly result: readonly unknown[]
}

/** What a record shows of the custom field behind an argument. */
function ownValues(record: unknown, word: string): readonly string[] {
  const { custom_fields: own = {} } = record as { readonly custom_fields?: Readonly<Record<string, unknown>> }
  return Object.entries(own).flatMap(([name, value]) =>
    name.toLowerCase().replace(/__c$/, '') === word ? [String(value)] : [],
  )
}

function readableText(record: unknown, pii: PolicyName, name: RecordName): string {
  const { classes } = definitions[name]
  const open = Object.entries(classes).filter(([, tree]) => typeof tree === 'string' && policies[pii][tree] === 'keep')
  return JSON.stringify(open.map(([field]) => (record as Record<string, unknown>)[field])).toLowerCase()
}
