/** @module What lint finds. */
import { expect, test } from 'vitest'
import { lintToolSchema } from './lint-tool-schema.ts'
import type { Tool } from './tool.ts'

const good = {
  name: 'list_contacts',
  description: 'Lists contacts.',
  inputSchema: {
    type: 'object',
    properties: { stage: { type: 'string', description: 'Stage', enum: ['open'] } },
    required: ['stage'],
  },
} as const satisfies Pick<Tool, 'name' | 'description' | 'inputSchema'>

function lintProperties(properties: object): readonly string[] {
  return lintToolSchema({ ...good, inputSchema: { type: 'object', properties: properties as never } })
}

test('lintToolSchema() finds nothing in a good tool', () => {
  expect(lintToolSchema(good)).toEqual([])
})

test.each(['List', 'list-contacts', '1st', 'a'.repeat(49), 'lіst', ''])(
  'lintToolSchema() refuses the name %j',
  (name) => {
    expect(lintToolSchema({ ...good, name })).toHaveLength(1)
  },
)

test.each([
  [{ a: { type: ['string', 'null'], description: 'x' } }],
  [{ a: { type: 'object', description: 'x' } }],
  [{ a: { type: 'string', description: 'x', format: 'email' } }],
  [{ a: { type: 'string' } }],
  [{ a: { type: 'string', description: ' ' } }],
  [{ a: { type: 'string', description: 'x'.repeat(2000) } }],
  [{ a: { type: 'integer', description: 'x', enum: ['1'] } }],
  [{ a: { type: 'string', description: 'x', enum: [] } }],
  [{ a: { type: 'string', description: 'x', anyOf: [] } }],
  [{ firstName: { type: 'string', description: 'x' } }],
  [{ _meta: { type: 'string', description: 'x' } }],
  [{ sources: { type: 'string', description: 'x' } }],
  [{ constructor: { type: 'string', description: 'x' } }],
])('lintToolSchema() refuses the properties %j', (properties) => {
  expect(lintProperties(properties)).toHaveLength(1)
})

test('lintToolSchema() refuses a required argument that is no property, and foreign members', () => {
  const inputSchema = { type: 'object', properties: {}, required: ['id'], additionalProperties: false } as const
  expect(lintToolSchema({ ...good, inputSchema })).toEqual([
    'The schema must not have "additionalProperties"',
    '"id" is required but not a property',
  ])
})
