/** @module Every tool of the whole catalog keeps the rules that clients need. */
import { loadCatalog } from '@quartermaster/connectors'
import { mcpServerConfig, policies } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { deriveTools } from './derive-tools.ts'
import { lintToolSchema } from './lint-tool-schema.ts'

const catalog = loadCatalog()
const everything = { methods: ['read', 'write', 'custom'] }

test('deriveTools() gives every documented method of the catalog a tool that passes lint', () => {
  expect(catalog.size).toBeGreaterThan(0)
  for (const connector of catalog.values()) {
    const tools = deriveTools(connector, mcpServerConfig.parse(everything), undefined)
    const documented = connector.methods.flatMap(({ tool }) => (tool ? [tool.name] : []))
    expect(tools.map(({ name }) => name)).toEqual([...new Set(documented)])
    for (const tool of tools) expect([tool.name, ...lintToolSchema(tool)]).toEqual([tool.name])
  }
})

test('deriveTools() offers no filter on what a policy strips, in the whole catalog', () => {
  for (const connector of catalog.values()) {
    for (const tool of deriveTools(connector, mcpServerConfig.parse({ ...everything, pii: 'strip' }), undefined)) {
      const offered = tool.method.input.filter(({ name }) => Object.hasOwn(tool.inputSchema.properties, name))
      const actions = offered.flatMap(({ filters }) => filters.map((piiClass) => policies.strip[piiClass]))
      expect([tool.name, ...actions]).not.toContain('strip')
    }
  }
})
