import { fakeModel } from 'langchain'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'

const inputs = z.object({ quarter: z.string() })
const Numbers = z.object({
  stages: z.array(z.object({ stage: z.string(), count: z.number() })),
  truncated: z.boolean(),
})

test('wrong names and wrong fields do not compile, and do not run either', async () => {
  const base = crew('typed', { model: fakeModel(), inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('numbers', { agent: 'a', prompt: 'count', output: Numbers })
    .task('other', { agent: 'a', needs: [], prompt: 'other' })
  // @ts-expect-error there is no agent b
  expect(() => base.task('x', { agent: 'b', prompt: 'x' })).toThrow('there is no agent "b"')
  // @ts-expect-error there is no task nope
  expect(() => base.task('x', { agent: 'a', needs: ['nope'], prompt: 'x' })).toThrow('needs "nope"')
  // @ts-expect-error there is no agent b to ask
  expect(() => base.agent('c', { role: 'c', goal: 'c', delegates: ['b'] })).toThrow('cannot ask "b"')
  // @ts-expect-error numbers is not among what this task needs
  base.task('x', { agent: 'a', needs: ['other'], prompt: ({ out }) => String(out.numbers) })
  // @ts-expect-error without needs there is only the task before
  base.task('x', { agent: 'a', prompt: ({ out }) => String(out.numbers) })
  base.task('x', { agent: 'a', needs: ['numbers'], prompt: ({ out }) => String(out.numbers.truncated) })
  // @ts-expect-error an answer in the form of numbers has no such member
  base.task('x', { agent: 'a', needs: ['numbers'], prompt: ({ out }) => String(out.numbers.total) })
  // @ts-expect-error the inputs have no such member
  base.task('x', { agent: 'a', prompt: ({ inputs }) => String(inputs.year) })
  // @ts-expect-error the inputs of an agent's words have no such member
  base.agent('c', { role: ({ year }) => String(year), goal: 'c' })
  // @ts-expect-error a guard sees the answer in its form, and here that is a number
  base.task('x', { agent: 'a', prompt: 'x', output: z.number(), guard: (value) => value.length > 1 || 'Longer' })
  // @ts-expect-error a guard says what is wrong, not only that something is
  base.task('x', { agent: 'a', prompt: 'x', guard: (value) => value.length > 1 })
  // @ts-expect-error an agent must exist before it is asked
  expect(() => base.agent('d', { role: 'd', goal: 'd', delegates: ['a', 'e'] })).toThrow('cannot ask "e"')
  // @ts-expect-error a run needs its inputs
  await expect(base.run({})).rejects.toThrow('quarter')
  const graph = base.compile()
  expectTypeOf(graph.invoke).returns.resolves.toHaveProperty('out').toHaveProperty('other').toEqualTypeOf<string>()
  // @ts-expect-error the graph starts with the crew's inputs
  expectTypeOf(graph.invoke).toBeCallableWith({ inputs: { year: 3 } })
  expectTypeOf(base.run)
    .returns.resolves.toHaveProperty('tasks')
    .toEqualTypeOf<object & { readonly numbers: z.infer<typeof Numbers> } & { readonly other: string }>()
  expectTypeOf(base.run).parameter(0).toEqualTypeOf<{ quarter: string }>()
  expect(() => base.task('out', { agent: 'a', prompt: 'x' })).toThrow('the name "out" is taken')
  expect(() => base.task('other', { agent: 'a', prompt: 'x' })).toThrow('the name "other" is taken')
  expect(() => base.agent('a:b', { role: 'c', goal: 'c' })).toThrow('must be a letter')
  await expect(base.run({ quarter: 3 as never })).rejects.toThrow('quarter')
})
