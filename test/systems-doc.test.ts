/**
 * @module
 * The table of docs/systems.md is the catalog of today. `UPDATE_DOCS=1` writes it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Connector, loadCatalog } from '@quartermaster/connectors'
import { expect, test } from 'vitest'

const file = new URL('../docs/systems.md', import.meta.url).pathname
const start = '<!-- table: written by test/systems-doc.test.ts -->\n'
const end = '<!-- end -->'

function tableOf(systems: readonly Connector[]): string {
  const resources = [...new Set(systems.flatMap(({ methods }) => methods.map(({ resource }) => resource)))]
  const cell = (system: Connector, resource: string) =>
    system.methods.flatMap(({ resource: of, name, tool }) => (of === resource && tool ? [name] : [])).join(', ')
  const rows = resources.map((resource) => [resource, ...systems.map((system) => cell(system, resource))])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = ['resource', ...systems.map(({ label }) => label)]
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

test('docs/systems.md shows every resource and method of every system', () => {
  const text = readFileSync(file, 'utf8')
  const table = tableOf([...loadCatalog().values()])
  expect(table).toContain('| opportunity | ')
  const [before = '', rest = ''] = text.split(start)
  const [, after = ''] = rest.split(end)
  const current = `${before}${start}\n${table}\n\n${end}${after}`
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, current)
  expect(readFileSync(file, 'utf8')).toBe(current)
})
