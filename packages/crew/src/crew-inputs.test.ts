import { Annotation, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { crewFromYaml } from './crew-from-yaml.ts'
import { InputsRefused } from './crew-inputs.ts'
import { scriptedModel } from './scripted-model.ts'

const echo = scriptedModel(({ question }) => question)
/** A default, and a transform that must not be applied twice. */
const inputs = z.object({ top: z.number().default(3), quarter: z.string().transform((text) => `Q${text}`) })

const review = () =>
  crew('review', { model: echo, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('numbers', { agent: 'a', prompt: ({ inputs }) => `${inputs.top} of ${inputs.quarter}` })
    .task('memo', { agent: 'a', prompt: ({ inputs }) => `still ${inputs.top} of ${inputs.quarter}`, needs: [] })

const out = { numbers: '3 of Q1', memo: 'still 3 of Q1' }
const given = { quarter: '1' } as { quarter: string; top: number }

test('a crew is given its defaults and transforms once, by run, as a graph and as a node of another graph', async () => {
  expect((await review().run(given)).tasks).toEqual(out)
  const state = await review().compile().invoke({ inputs: given })
  expect(state).toMatchObject({ out, inputs: { top: 3, quarter: 'Q1' } })
  const State = Annotation.Root({
    inputs: Annotation<unknown>,
    out: Annotation<unknown>,
  })
  const outer = new StateGraph(State).addNode('review', review().compile()).addEdge(START, 'review').compile()
  expect(await outer.invoke({ inputs: given })).toMatchObject({ out })
})

test('a crew that asks for no inputs runs without, as a node of a graph that has none too, and refuses what it is given', async () => {
  const plain = crew('plain', { model: echo })
    .agent('a', { role: 'a', goal: 'a' })
    .task('memo', { agent: 'a', prompt: 'x' })
  expectTypeOf(plain.run).parameter(0).toEqualTypeOf<Record<string, never>>()
  expect((await plain.run({})).tasks).toEqual({ memo: 'x' })
  const outer = new StateGraph(Annotation.Root({ out: Annotation<unknown> })).addNode('plain', plain.compile())
  expect(await outer.addEdge(START, 'plain').compile().invoke({})).toMatchObject({ out: { memo: 'x' } })
  // @ts-expect-error there is nothing to say
  await expect(plain.run({ quarter: '1' })).rejects.toThrow('inputs: Unrecognized key: "quarter"')
})

test.each([
  ['wrong', { inputs: { quarter: 1 } }, 'inputs.quarter: Invalid input: expected string'],
  ['missing', {}, 'inputs: Invalid input: expected object'],
])('a compiled crew refuses %s inputs before any model is called', async (_, input, message) => {
  let calls = 0
  const model = scriptedModel(() => {
    calls += 1
    return 'a memo'
  })
  const graph = crew('review', { model, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('memo', { agent: 'a', prompt: 'write', review: true })
    .compile({ checkpointer: new MemorySaver() })
  const refused = await graph.invoke(input as never, { configurable: { thread_id: 't' } }).catch((error) => error)
  expect(refused).toBeInstanceOf(InputsRefused)
  expect(refused.message).toContain(`Cannot start crew "review": ${message}`)
  expect(calls).toBe(0)
})

test('a compiled crew of YAML never hands a placeholder to a model', async () => {
  const files = { agents: 'a: { role: R, goal: G }', tasks: 'x: { description: "About {topic}", agent: a }' }
  const graph = crewFromYaml('c', files, { model: echo }).compile()
  await expect(graph.invoke({ inputs: {} })).rejects.toThrow('inputs.topic: ')
  expect((await graph.invoke({ inputs: { topic: 'tea' } })).out).toEqual({ x: 'About tea' })
})
