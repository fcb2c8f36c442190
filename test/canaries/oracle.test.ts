import { records as definitions, type PolicyName, policies, type RecordName } from '@quartermaster/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asker, needs, normal, someRecords } from './asker.ts'
import { hiddenFields, methodOf, operators, valuesAt } from './questions.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const names = Object.keys(policies).filter((name) => name !== 'full') as PolicyName[]
const cases = names.flatMap((pii) => ['hubspot', 'salesforce'].map((system) => [pii, system] as const))

test.each(cases)(
  'a question about a field that %s hides in %s is answered like one about a field that is not there',
  async (pii, system) => {
    const whole = await asker(stage, system, 'full')
    const role = await asker(stage, system, pii)
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
    const whole = await asker(stage, system, 'full')
    const role = await asker(stage, system, pii)
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

function readableText(record: unknown, pii: PolicyName, name: RecordName): string {
  const { classes } = definitions[name]
  const open = Object.entries(classes).filter(([, tree]) => typeof tree === 'string' && policies[pii][tree] === 'keep')
  return JSON.stringify(open.map(([field]) => (record as Record<string, unknown>)[field])).toLowerCase()
}
