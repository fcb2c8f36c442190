import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { answerForm } from './answer-form.ts'

const reply = (structured: unknown) => ({
  messages: [],
  text: '',
  structured,
  isNew: true,
  usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  toolFailures: [],
})

test('answerForm() closes every object, as providers ask that hold a model to the form', () => {
  const output = z.object({ stages: z.array(z.object({ name: z.string() })), sums: z.record(z.string(), z.number()) })
  expect(answerForm({ name: 'numbers', output }).schema).toMatchObject({
    title: 'answer_numbers',
    additionalProperties: false,
    properties: {
      stages: { items: { additionalProperties: false } },
      sums: { additionalProperties: { type: 'number' } },
    },
  })
})

const Deal = z.object({
  id: z.string(),
  stage: z.enum(['open', 'won']).optional().describe('Where it stands'),
  amount: z.number().optional(),
  note: z.string().nullable(),
  currency: z.string().default('EUR'),
  buyer: z.object({ title: z.string().optional() }).optional(),
})

test('answerForm() shows what may be left out as required and nullable, and nothing that strict providers refuse', () => {
  const { schema } = answerForm({ name: 'deal', output: Deal })
  expect(schema).toMatchObject({
    required: ['id', 'stage', 'amount', 'note', 'currency', 'buyer'],
    properties: {
      id: { type: 'string' },
      stage: { anyOf: [{ type: 'string', enum: ['open', 'won'] }, { type: 'null' }], description: 'Where it stands' },
      amount: { type: ['number', 'null'] },
      currency: { type: ['string', 'null'] },
      buyer: { type: ['object', 'null'], required: ['title'], additionalProperties: false },
    },
  })
  expect(JSON.stringify(schema)).not.toContain('"default"')
})

test('answerForm() reads null as absent where a member may be left out, and as null where null is a value', () => {
  const { read } = answerForm({ name: 'deal', output: Deal })
  const nulls = { id: '1', stage: null, amount: null, note: null, currency: null, buyer: { title: null } }
  expect(read(reply(nulls))).toEqual({ ok: true, value: { id: '1', note: null, currency: 'EUR', buyer: {} } })
  expect(read(reply({ id: null, note: 'x' }))).toMatchObject({ ok: false })
  expect(read(reply({ id: '1' }))).toMatchObject({ ok: false, fault: expect.stringContaining('note') })
})

test('answerForm() finds members in lists, unions, tuples, and forms that contain themselves', () => {
  const Node = z.object({
    name: z.string(),
    get children() {
      return z.array(Node).optional()
    },
  })
  const Found = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('person'), title: z.string().optional() }),
    z.object({ kind: z.literal('company'), title: z.string().nullable() }),
  ])
  const list = answerForm({ name: 'list', output: z.array(Found) })
  const answer = [
    { kind: 'person', title: null },
    { kind: 'company', title: null },
  ]
  expect(list.read(reply({ answer }))).toEqual({
    ok: true,
    value: [{ kind: 'person' }, { kind: 'company', title: null }],
  })
  const tree = answerForm({ name: 'tree', output: Node })
  expect(tree.read(reply({ name: 'a', children: [{ name: 'b', children: null }] }))).toEqual({
    ok: true,
    value: { name: 'a', children: [{ name: 'b' }] },
  })
})

test('answerForm() takes every answer that fits, with nulls for what is left out, as the same answer without them', () => {
  const leaf = fc.constantFrom(z.string(), z.number(), z.boolean(), z.string().nullable())
  const shape = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.tuple(leaf, fc.boolean()), { minKeys: 1 })
  fc.assert(
    fc.property(shape, (members) => {
      const fields = Object.entries(members)
      const output = z.object(
        Object.fromEntries(fields.map(([name, [type, optional]]) => [name, optional ? type.optional() : type])),
      )
      const values = fields.map(([name, [type, optional]]): [string, unknown] => [name, optional ? null : sample(type)])
      const kept = fields.flatMap(([name, [type, optional]]): [string, unknown][] =>
        optional ? (type.safeParse(null).success ? [[name, null]] : []) : [[name, sample(type)]],
      )
      const read = answerForm({ name: 'x', output }).read(reply(Object.fromEntries(values)))
      expect(read).toEqual({ ok: true, value: Object.fromEntries(kept) })
    }),
    { numRuns: 100 },
  )
})

function sample(type: z.ZodType): unknown {
  return ['text', 7, true, null].find((value) => type.safeParse(value).success)
}
