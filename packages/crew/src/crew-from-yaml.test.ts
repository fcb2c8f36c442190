import { AIMessage, type BaseMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { Command, MemorySaver } from '@langchain/langgraph'
import { fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crewFromYaml } from './crew-from-yaml.ts'

const agents = `
analyst:
  role: >
    {market} Senior Analyst
  goal: >
    Exact numbers about {market}
  backstory: >
    You have seen many quarters.
  verbose: true
  tools: [list_deals]
lead:
  role: Head of Sales
  goal: One page
  allow_delegation: true
  max_iter: 3
`
const tasks = `
numbers_task:
  description: >
    Count the deals of {quarter}.
  expected_output: >
    A table for {quarter}
  agent: analyst
memo_task:
  description: Write the memo.
  agent: lead
`
const said = (messages: readonly BaseMessage[]) => messages.map((message) => message.text).join('\n')
const deals = tool(() => '{"result":[]}', { name: 'list_deals', description: 'Lists deals', schema: z.object({}) })

/** Remembers what agents were told, and answers with one word. */
function listener(word: string) {
  const heard: string[] = []
  const model = fakeModel()
  for (let nth = 0; nth < 8; nth += 1) {
    model.respond((messages) => {
      heard.push(said(messages))
      return new AIMessage(word)
    })
  }
  return { heard, model }
}

test('crewFromYaml() fills placeholders everywhere, hands on all earlier answers, and lets an agent ask', async () => {
  const { heard, model } = listener('42')
  const crew = crewFromYaml('review', { agents, tasks }, { model, tools: [deals] })
  const done = await crew.run({ market: 'Nordic', quarter: 'Q3' })
  expect(done.tasks).toEqual({ numbers_task: '42', memo_task: '42' })
  expect(heard[0]).toContain(
    'You are Nordic Senior Analyst.\nYou have seen many quarters.\nYour goal: Exact numbers about Nordic',
  )
  expect(heard[0]).toContain('Count the deals of Q3.')
  expect(heard[0]).toContain('A good answer: A table for Q3')
  expect(heard[1]).toContain('{"numbers_task":"42"}')
  expect(await crew.toMermaid()).toContain('numbers_task --> memo_task')
})

test('an asynchronous task runs beside the next one that waits for nobody, and the one after waits for both', async () => {
  const files = {
    agents: 'a: { role: R, goal: G }',
    tasks: `
one: { description: One, agent: a, async_execution: true, context: [] }
two: { description: Two, agent: a, async_execution: true }
three: { description: Three, agent: a }
four: { description: Four, agent: a, context: [one] }
`,
  }
  const mermaid = await crewFromYaml('c', files, { model: fakeModel() }).toMermaid()
  for (const edge of ['__start__ --> one', '__start__ --> two', 'one --> three', 'two --> three', 'one --> four']) {
    expect(mermaid).toContain(edge)
  }
  expect(mermaid).not.toContain('three --> four')
})

test('human_input waits for a person, and outputs and guards can be added by task', async () => {
  const files = {
    agents: 'a: { role: R, goal: G }',
    tasks: 'memo: { description: "Write about {x}", agent: a, human_input: true, guardrail_max_retries: 1 }',
  }
  const { model } = listener('good')
  const guarded: unknown[] = []
  const guard = (value: unknown) => guarded.push(value) > 0
  const crew = crewFromYaml('c', files, { model, tasks: { memo: { guard: (value) => guard(value) || 'never' } } })
  await expect(crew.run({ x: 1 })).rejects.toThrow('waits for a review')
  const graph = crew.compile({ checkpointer: new MemorySaver() })
  const thread = { configurable: { thread_id: 't' } }
  await graph.invoke({ inputs: { x: 1 } }, thread)
  const state = await graph.invoke(new Command({ resume: { approve: true } }), thread)
  expect(state.out).toEqual({ memo: 'good' })
  expect(guarded).toEqual(['good'])
})

test.each([
  ['', 'tasks', 'agents.yaml: it must map names'],
  ['a: [', 'x', 'Cannot read agents.yaml'],
  ['a: { role: R, memory: true }', 'x', 'a.goal: Invalid input'],
  ['a: { role: R, goal: G, memory: true }', 'x', 'Unrecognized key: "memory"'],
  ['a: { role: R, goal: G, tools: [nope] }', 't: { description: D, agent: a }', 'no tool "nope" for "a"'],
  ['a: { role: R, goal: G }', 't: { description: D, agent: b }', 'there is no agent "b" for task "t"'],
  ['a: { role: R, goal: G }', 't: { description: D, agent: a, context: [u] }', '"t" needs "u", which does not come'],
  ['a: { role: R, goal: G }', 't: { description: D, agent: a, output_file: f }', 'Unrecognized key: "output_file"'],
])('crewFromYaml() refuses what it cannot do, and says where: %j %j', (agentText, taskText, message) => {
  const files = { agents: agentText, tasks: taskText }
  expect(() => crewFromYaml('c', files, { model: fakeModel() })).toThrow(message)
})

test('an input that a text needs must be given', async () => {
  const crew = crewFromYaml('c', { agents, tasks }, { model: fakeModel(), tools: [deals] })
  await expect(crew.run({ market: 'Nordic' })).rejects.toThrow('quarter')
})
