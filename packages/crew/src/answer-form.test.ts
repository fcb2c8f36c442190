import { expect, test } from 'vitest'
import { z } from 'zod'
import { answerForm } from './answer-form.ts'

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
