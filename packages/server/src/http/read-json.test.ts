import { expect, test } from 'vitest'
import { z } from 'zod'
import { Problem } from './problem.ts'
import { checkJson } from './read-json.ts'

const shape = z.strictObject({ name: z.string().min(1).max(9), ids: z.array(z.string()).max(3).optional() })

const refusal = (text: string): unknown => {
  try {
    return checkJson(text, shape)
  } catch (error) {
    return error
  }
}

test.each([
  '{"name":{"length":{"toString":0}}}',
  '{"name":{"length":{"valueOf":null,"toString":null}}}',
  '{"name":"a","ids":{"length":{"toString":{}}}}',
])('checkJson() refuses %s, whose length cannot be compared, as it does any other misfit', (text) => {
  expect(refusal(text)).toBeInstanceOf(Problem)
  expect(refusal(text)).toMatchObject({ status: 400, message: expect.stringMatching(/^The body does not fit/) })
})

test('checkJson() names the member and what was expected, and never the value', () => {
  expect(refusal('{"name":"secret-value-1","x":1}')).toMatchObject({ status: 400 })
  expect(String(refusal('{"name":"secret-value-1","x":1}'))).not.toContain('secret-value-1')
  expect(checkJson('{"name":"a"}', shape)).toEqual({ name: 'a' })
})

test('checkJson() lets through what a schema of ours throws for a reason of its own', () => {
  const broken = z.string().refine(() => {
    throw new RangeError('ours')
  })
  expect(() => checkJson('"a"', broken)).toThrow(RangeError)
})
