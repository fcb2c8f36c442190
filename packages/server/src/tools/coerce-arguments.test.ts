/** @module What models send, and what methods get. */
import type { InputField, Method } from '@quartermaster/connectors'
import { mcpServerConfig } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleConnector, sampleField, sampleMethod } from '../../test/sample-tools.ts'
import { type CoercedArguments, coerceArguments } from './coerce-arguments.ts'
import { deriveTools } from './derive-tools.ts'
import type { Tool } from './tool.ts'

const fields: readonly InputField[] = [
  sampleField('query'),
  sampleField('count', { type: 'integer' }),
  sampleField('amount', { type: 'number' }),
  sampleField('open', { type: 'boolean' }),
  sampleField('stage', { enum: ['new', 'won'] }),
]

function toolOf(change: Partial<Method>): Tool {
  const config = mcpServerConfig.parse({ methods: ['read', 'write', 'custom'] })
  const [tool] = deriveTools(sampleConnector([sampleMethod({ input: fields, ...change })]), config, undefined)
  if (!tool) throw new Error('the sample method has no tool')
  return tool
}

const list = toolOf({})
const create = toolOf({ kind: 'create', input: [...fields, sampleField('email', { required: true })] })
const update = toolOf({ kind: 'update' })

function inputOf(tool: Tool, args: unknown) {
  const coerced = coerceArguments(tool, args)
  return coerced.ok ? coerced.input : coerced.failure.message
}

function notesOf(coerced: CoercedArguments): readonly string[] {
  return coerced.ok ? coerced.notes : []
}

test('coerceArguments() reads values however they are written', () => {
  const args = { query: 5, count: ' 7 ', amount: '1.5e3', open: 'True', stage: 'won' }
  expect(inputOf(list, args)).toEqual({
    limit: 20,
    args: { query: '5', count: 7, amount: 1500, open: true, stage: 'won' },
  })
  expect(inputOf(list, { query: true, count: 7, amount: -2, open: false })).toEqual({
    limit: 20,
    args: { query: 'true', count: 7, amount: -2, open: false },
  })
})

test.each([
  undefined,
  null,
  {},
  { query: null, limit: null, next_cursor: null },
  { next_cursor: '', query: '', limit: '' },
])('coerceArguments() takes %j for nothing said', (args) => {
  expect(coerceArguments(list, args)).toEqual({ ok: true, input: { limit: 20, args: {} }, notes: [] })
})

test('coerceArguments() keeps "" in a write, where it clears a field', () => {
  expect(inputOf(update, { id: 501, query: '' })).toEqual({ id: '501', args: { query: '' } })
  expect(inputOf(update, { id: '' })).toContain('"id" is required')
})

test('coerceArguments() clamps limit and says so', () => {
  const clamped = coerceArguments(list, { limit: '500' })
  expect(clamped).toMatchObject({ input: { limit: 100 }, notes: ['limit was set to 100; it can be 1 to 100.'] })
  expect(inputOf(list, { limit: 0 })).toMatchObject({ limit: 1 })
  expect(inputOf(list, { limit: '100' })).toMatchObject({ limit: 100 })
  expect(inputOf(list, { limit: 'all' })).toContain('"limit" must be a whole number')
})

test('coerceArguments() hands the cursor on unopened', () => {
  expect(coerceArguments(list, { next_cursor: 'abc' })).toMatchObject({ sealedCursor: 'abc', input: { args: {} } })
})

test('coerceArguments() tells all faults at once, never a value', () => {
  const secret = 'jane@acme.com'
  const message = inputOf(create, { query: [secret], count: secret, amount: secret, open: secret, stage: secret })
  expect(message).toBe(
    'Cannot call list_all_acme_contacts: "query" must be text of at most 65536 characters; "count" must be a whole number; "amount" must be a number; "open" must be true or false; "stage" must be one of new, won; "email" is required.',
  )
  expect(JSON.stringify(coerceArguments(create, { email: { a: secret } }))).not.toContain(secret)
})

test.each([['limit=5'], [[1]], [5], [true]])('coerceArguments() refuses %j for arguments', (args) => {
  expect(coerceArguments(list, args)).toMatchObject({ ok: false, failure: { code: 'invalid_arguments' } })
})

test.each([
  ['query', 'x'.repeat(65_537)],
  ['query', '\ud800'],
  ['query', Number.NaN],
  ['count', 1.5],
  ['count', '9007199254740993'],
  ['count', ''.padEnd(20, '1')],
  ['count', '0x10'],
  ['amount', '1'.repeat(400)],
  ['amount', '1e999'],
  ['amount', 'Infinity'],
  ['open', 1],
])('coerceArguments() refuses a bad %s', (name, value) => {
  expect(coerceArguments(list, { [name]: value }).ok).toBe(false)
})

test('coerceArguments() ignores unknown arguments and names only what looks like a name', () => {
  const args = JSON.parse('{"queri":"x","jane@acme.com":1,"__proto__":{"x":1},"constructor":1}')
  const coerced = coerceArguments(list, args)
  expect(notesOf(coerced)).toEqual(['Ignored unknown arguments: queri, 3 unnamed.'])
  expect(coerced).toMatchObject({ ok: true, input: { args: {} } })
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`a${index}`, 1]))
  expect(notesOf(coerceArguments(list, many))[0]?.length).toBeLessThan(120)
})

test('coerceArguments() does not take a filter that the policy took away', () => {
  const filtered = sampleConnector([sampleMethod({ input: [sampleField('email', { filters: ['contact'] })] })])
  const [tool] = deriveTools(filtered, mcpServerConfig.parse({ pii: 'strip' }), undefined)
  if (!tool) throw new Error('the tool is gone')
  const hidden = coerceArguments(tool, { email: 'jane@acme.com' })
  expect(hidden).toMatchObject({ input: { args: {} }, notes: ['Ignored unknown arguments: email.'] })
})

test('coerceArguments() never throws, never passes a wrong type on, never repeats text', () => {
  const canary = 'k4n4ry'
  const anything = fc.oneof(fc.anything(), fc.constantFrom(canary, [canary], { a: canary }))
  const args = fc.oneof(
    anything,
    fc.dictionary(
      fc.constantFrom('query', 'count', 'amount', 'open', 'stage', 'limit', 'id', 'next_cursor', '__proto__'),
      anything,
    ),
  )
  fc.assert(
    fc.property(args, fc.constantFrom(list, create, update), (given, tool) => {
      const coerced = coerceArguments(tool, given)
      if (!coerced.ok) expect(JSON.stringify(coerced.failure)).not.toContain(canary)
      else {
        for (const [name, value] of Object.entries(coerced.input.args)) {
          const field = tool.method.input.find((known) => known.name === name)
          expect(typeof value).toBe(field?.type === 'integer' ? 'number' : field?.type)
        }
      }
    }),
    { numRuns: 1000 },
  )
})
