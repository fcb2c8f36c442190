/** @module What an operator has classified can be asked about as little as what a record's own classes hide. */
import type { Method } from '@quartermaster/connectors'
import { type PolicyName, policies } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Asker, asker, needs, normal, someRecords } from './asker.ts'
import { methodOf, operators, valuesAt } from './questions.ts'
import { unlimited } from './unlimited.ts'

type Said = { readonly class: 'none' | 'business' | 'identity' | 'contact' | 'sensitive'; readonly treatment?: 'strip' }

/** All of these are open to every policy as the records have them. */
const said: { readonly [resource: string]: { readonly [path: string]: Said } } = {
  account: { name: { class: 'identity' }, industry: { class: 'sensitive' } },
  contact: { 'account.id': { class: 'identity' }, title: { class: 'none', treatment: 'strip' } },
  opportunity: {
    name: { class: 'sensitive' },
    amount: { class: 'sensitive' },
    close_date: { class: 'contact' },
    status: { class: 'none', treatment: 'strip' },
  },
  ticket: { priority: { class: 'sensitive' } },
  task: { due_date: { class: 'none', treatment: 'strip' } },
}
const rules = JSON.stringify({
  format: 1,
  tenants: { '*': Object.fromEntries(['hubspot', 'salesforce'].map(bySystem)) },
})
function bySystem(system: string) {
  return [system, Object.fromEntries(Object.entries(said).map(([resource, fields]) => [resource, { fields }]))]
}

let plain: Testbed
let classified: Testbed
beforeAll(async () => {
  plain = await openTestbed(unlimited)
  classified = await openTestbed({ ...unlimited, classification: rules })
})
afterAll(() => Promise.all([plain.close(), classified.close()]))

const isHidden = (pii: PolicyName, { class: piiClass, treatment }: Said) =>
  treatment === 'strip' || policies[pii][piiClass] !== 'keep'

/** Names of what is hidden by what is said of it, and the arguments and values that ask about it. */
function hidden({ resource, input }: Method, pii: PolicyName) {
  const paths = Object.entries(said[resource] ?? {}).flatMap(([path, one]) => (isHidden(pii, one) ? [path] : []))
  const asking = input.flatMap(({ name, reads = [] }) => {
    const path = reads.find((read) => paths.includes(read))
    return path && name !== 'query' ? [{ name, path }] : []
  })
  return [...paths.map((path) => ({ name: path.replaceAll('.', '_'), path })), ...asking]
}

const roles = ['full', 'mask', 'strip'] as const
const cases = roles.flatMap((pii) => ['hubspot', 'salesforce'].map((system) => [pii, system] as const))
const answered = ({ text, isError, sent }: Awaited<ReturnType<Asker['call']>>, name: string) => [
  normal(text, name),
  isError,
  sent,
]

test.each(cases)(
  'a question that %s asks in %s about what an operator hides is answered like one about nothing',
  async (pii, system) => {
    const whole = await asker(plain, system, 'full')
    const role = await asker(classified, system, pii)
    let asked = 0
    for (const tool of role.tools) {
      const method = methodOf(system, tool.name)
      if (hidden(method, pii).length === 0) continue
      const records = await someRecords(whole, method.resource)
      // What the account's fields are is asked once, by the first who needs it.
      await role.call(tool.name, needs(tool))
      for (const [operator, write] of Object.entries(operators)) {
        const nobody = await role.call(tool.name, { ...needs(tool), ...write('zzz_nothing', 'zzz') })
        for (const { name, path } of hidden(method, pii)) {
          const value = records.flatMap((record) => valuesAt(record, path))[0] ?? '2026-01-01'
          const answer = await role.call(tool.name, { ...needs(tool), ...write(name, value) })
          const about = [tool.name, operator, name]
          expect([about, ...answered(answer, name)]).toEqual([about, ...answered(nobody, 'zzz_nothing')])
          const { result = [] } = JSON.parse(answer.text) as { readonly result?: readonly unknown[] }
          expect([about, [result].flat().flatMap((record) => valuesAt(record, path))]).toEqual([about, []])
          asked += 1
        }
      }
    }
    expect(asked).toBeGreaterThan(30)
  },
  180_000,
)

test.each(cases)(
  'a full-text query of %s in %s reads nothing that an operator hides, and no group is made by it',
  async (pii, system) => {
    const whole = await asker(plain, system, 'full')
    const role = await asker(classified, system, pii)
    const toolOf = (of: Asker, start: string, noun: string) =>
      of.tools.find(({ name }) => name.startsWith(start) && name.endsWith(noun))
    for (const [resource, noun] of [
      ['account', 'accounts'],
      ['opportunity', 'opportunities'],
    ] as const) {
      const search = toolOf(role, 'search', noun)
      const name = said[resource]?.['name']
      if (!search || !name) throw new Error(`there is no search of ${noun}`)
      const query = (await someRecords(whole, resource)).flatMap((record) => valuesAt(record, 'name'))[0]
      const wanted = { ...needs(search), query }
      const [found, nothing] = [wanted, { ...wanted, query: 'Zaker-zz' }].map((args) => role.call(search.name, args))
      const told = [found, nothing].map(async (one) =>
        answered((await one) ?? { text: '', isError: true, sent: 0 }, ''),
      )
      const [a, b] = await Promise.all(told)
      if (isHidden(pii, name)) expect(a).toEqual(b)
      else expect(a).not.toEqual(b)
      expect('query' in search.inputSchema.properties).toBe(!isHidden(pii, name))
    }
    const summarize = toolOf(role, 'summarize', 'opportunities')
    const groups = summarize?.inputSchema.properties['group_by']?.enum
    expect([groups?.includes('status'), groups?.includes('close_month')]).toEqual([false, pii === 'full'])
    const { text } = await role.call(summarize?.name ?? '', { group_by: 'stage_id' })
    expect([text.includes('"count"'), text.includes('amount_sum')]).toEqual([true, pii === 'full'])
    // The control: where nothing is said, all of it is there.
    const open = toolOf(await asker(plain, system, pii), 'summarize', 'opportunities')
    expect(open?.inputSchema.properties['group_by']?.enum).toEqual(expect.arrayContaining(['status', 'close_month']))
    const sums = await whole.call(open?.name ?? '', { group_by: 'stage_id' })
    expect(sums.text).toContain('amount_sum')
  },
  180_000,
)
