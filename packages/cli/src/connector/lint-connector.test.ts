/** @module What lint finds, and that the catalog keeps it. */
import { type Connector, loadCatalog, type Method } from '@quartermaster/connectors'
import { expect, test } from 'vitest'
import { lintConnector } from './lint-connector.ts'

const [first] = loadCatalog().values()
const [sample] = first?.methods.filter(({ tool, kind }) => tool && kind === 'search') ?? []

/** A real search method, documented otherwise. */
function method(tool: Partial<NonNullable<Method['tool']>>, name = 'search', fields?: string): Method {
  if (!sample?.tool) throw new Error('the catalog has no documented search')
  const input = fields === undefined ? sample.input : sample.input.map((field) => ({ ...field, description: fields }))
  return { ...sample, name, input, tool: { ...sample.tool, ...tool } }
}
const lint = (...methods: Method[]) => lintConnector({ id: 'acme', methods } as Pick<Connector, 'id' | 'methods'>)

test.each([...loadCatalog().values()])('lintConnector() passes the records of $id', (connector) => {
  const { ok, records, score } = lintConnector(connector)
  expect(records.flatMap(({ record, faults }) => faults.map((fault) => `${record}: ${fault}`))).toEqual([])
  expect(ok).toBe(true)
  expect(records.length).toBeGreaterThan(20)
  expect(score).toBeGreaterThanOrEqual(75)
})

test.each([
  [method({ description: ' ' }), 'the description is empty'],
  [method({ title: '' }), 'the title is empty'],
  [method({ description: `Find ${'x'.repeat(400)}` }), 'the description is above 400 characters'],
  [method({ description: 'x' }, 'search', 'x'), 'the score 33 is below 60'],
  [method({}, 'search', ' '), 'has no description'],
  [method({}, 'search', 'x'.repeat(161)), 'is above 160 characters'],
])('lintConnector() fails a record: %#', (one, fault) => {
  const linted = lint(one)
  expect(linted.ok).toBe(false)
  expect(linted.records[0]?.faults.join('; ')).toContain(fault)
})

test('lintConnector() fails two records that read the same, and a folder without records', () => {
  const linted = lint(method({}), method({ description: `${sample?.tool?.description.toUpperCase()}!` }, 'again'))
  const both = ['another record has the same title', 'another record has the same description']
  expect(linted.records.map(({ faults }) => faults)).toEqual([both, both])
  expect(lint().ok).toBe(false)
})

test('lintConnector() scores what is told, and says what is missing', () => {
  const good = 'Find contacts, such as all of a company. Returns name, title and the id of the owner.'
  const [told, untold] = lint(
    method({ title: 'a', description: good }),
    method({ title: 'b', description: 'contacts' }, 'again'),
  ).records
  expect(told).toMatchObject({ score: 100, hints: [] })
  expect(untold?.score).toBeLessThan(60)
  expect(untold?.faults).toEqual([`the score ${untold?.score} is below 60`])
  expect(untold?.hints).toContain('say what comes back')
})
