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

test("deriveTools() prints the requirement guide's definitions from the catalog", () => {
  const definitionOf = (system: string, name: string) => {
    const connector = catalog.get(system)
    const tools = connector ? deriveTools(connector, mcpServerConfig.parse(everything), undefined) : []
    const { description, inputSchema } = tools.find((tool) => tool.name === name) ?? {}
    return { description, inputSchema }
  }
  expect(definitionOf('salesforce', 'get_single_salesforce_contact_by_id')).toEqual({
    description:
      'Retrieve a single Salesforce contact by ID. Returns all standard and custom fields for the contact record.',
    inputSchema: {
      type: 'object',
      properties: { id: { type: 'string', description: 'The id of the contact to get. Required.' } },
      required: ['id'],
    },
  })
  const list = definitionOf('hubspot', 'list_all_hub_spot_contacts')
  expect(list.description).toBe(
    'List all contacts from HubSpot CRM. Returns paginated results including name, email, phone numbers, and custom properties.',
  )
  expect(list.inputSchema).toEqual({
    type: 'object',
    properties: {
      limit: { type: 'string', description: 'The number of records to fetch' },
      next_cursor: {
        type: 'string',
        description:
          'The cursor to fetch the next set of records. Always send back exactly the cursor value you received (nextCursor) without decoding, modifying, or parsing it.',
      },
    },
  })
  const create = definitionOf('hubspot', 'create_a_hub_spot_contact')
  expect(create.description).toBe('Create a new contact in HubSpot CRM.')
  expect(create.inputSchema).toEqual({
    type: 'object',
    properties: {
      first_name: { type: 'string', description: 'Contact first name' },
      last_name: { type: 'string', description: 'Contact last name' },
      email: { type: 'string', description: 'Primary email address' },
      phone: { type: 'string', description: 'Phone number' },
      company: { type: 'string', description: 'Company name' },
    },
    required: ['email'],
  })
})
