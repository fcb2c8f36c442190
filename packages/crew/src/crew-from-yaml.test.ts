import { AIMessage, type BaseMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { Command, MemorySaver } from '@langchain/langgraph'
import { fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crewFromYaml } from './crew-from-yaml.ts'
import { scriptedModel } from './scripted-model.ts'

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
  ['a: { role: R, goal: G, memory: true }', 'x', 'a.memory is not there: agents read the CRM'],
  ['a: { role: R, goal: G, mood: bad }', 'x', 'a: Unrecognized key: "mood"'],
  ['a: { role: R, goal: G, max_execution_time: 60 }', 'x', 'a.max_execution_time is not there: hand run() a signal'],
  ['a: { role: R, goal: G, inject_date: true, foo: 1 }', 'x', 'a.inject_date is not there: make the date an input'],
  ['a: { role: R, goal: G, step_callback: f }', 'x', 'a.step_callback is not there: watch('],
  ['a: { role: R, goal: G, knowledge_sources: [x] }', 'x', 'a.knowledge_sources is not there: give the agent a tool'],
  ['a: { role: R, goal: G, allow_code_execution: true }', 'x', 'a.allow_code_execution is not there: give the agent a'],
  ['a: { role: R, goal: G, llm: huggingface/x }', 't: { description: D, agent: a }', 'hand the model over in models'],
  ['a: { role: R, goal: G }', 't: { description: D }', 't.agent: name who works on it'],
  [
    'a: { role: R, goal: G }',
    't: { description: D, agent: a, guardrail: g }',
    't.guardrail is not there: give it in code',
  ],
  [
    'a: { role: R, goal: G }',
    't: { description: D, agent: a, config: {} }',
    't.config is not there: write its members',
  ],
  ['a: { role: R, goal: G, constructor: 1 }', 'x', 'a: Unrecognized key: "constructor"'],
  ['a: { role: R, goal: G, tools: [nope] }', 't: { description: D, agent: a }', 'no tool "nope" for "a"'],
  ['a: { role: R, goal: G }', 't: { description: D, agent: b }', 'there is no agent "b" for task "t"'],
  ['a: { role: R, goal: G }', 't: { description: D, agent: a, context: [u] }', '"t" needs "u", which does not come'],
  [
    'a: { role: R, goal: G }',
    't: { description: D, agent: a, output_file: f }',
    't.output_file is not there: write the answer to',
  ],
])('crewFromYaml() refuses what it cannot do, and says where: %j %j', (agentText, taskText, message) => {
  const files = { agents: agentText, tasks: taskText }
  expect(() => crewFromYaml('c', files, { model: fakeModel() })).toThrow(message)
})

test('an input that a text needs must be given', async () => {
  const crew = crewFromYaml('c', { agents, tasks }, { model: fakeModel(), tools: [deals] })
  await expect(crew.run({ market: 'Nordic' })).rejects.toThrow('quarter')
})

test('every agent with allow_delegation may ask every other, wherever they stand in the file', async () => {
  const files = {
    agents: `
first: { role: R, goal: G, allow_delegation: true }
second: { role: R, goal: G, allow_delegation: true }
third: { role: R, goal: G, allow_delegation: false }
`,
    tasks: `
a: { description: A, agent: first }
b: { description: B, agent: second }
c: { description: C, agent: third }
`,
  }
  const offered: (readonly string[])[] = []
  const model = scriptedModel(({ tools }) => {
    offered.push(tools)
    return 'done'
  })
  await crewFromYaml('c', files, { model }).run({})
  expect(offered).toEqual([['ask_second', 'ask_third'], ['ask_first', 'ask_third'], []])
})

test('markdown: true asks for Markdown, and only where it stands', async () => {
  const { heard, model } = listener('# Done')
  const files = {
    agents: 'a: { role: R, goal: G, memory: false, knowledge_sources: null }',
    tasks: 'x: { description: X, agent: a, markdown: true }\ny: { description: Y, agent: a, output_file: null }',
  }
  await crewFromYaml('c', files, { model }).run({})
  expect(heard.map((text) => text.includes('Write the answer in Markdown'))).toEqual([true, false])
})

test('what is given for an agent or a task that is not in the files is refused, with the names that are', () => {
  const make = (options: object) => () => crewFromYaml('c', { agents, tasks }, { model: fakeModel(), ...options })
  expect(make({ tools: { anlyst: [deals] } })).toThrow('there is no agent "anlyst", only analyst, lead')
  expect(make({ models: { boss: fakeModel() } })).toThrow('there is no agent "boss", only analyst, lead')
  const guard = () => true as const
  expect(make({ tasks: { memo: { guard } } })).toThrow('there is no task "memo", only numbers_task, memo_task')
})

test('models take the place of llm', async () => {
  const { heard, model } = listener('mine')
  const files = { agents: 'a: { role: R, goal: G, llm: huggingface/x }', tasks: 't: { description: D, agent: a }' }
  const done = await crewFromYaml('c', files, { model: fakeModel(), models: { a: model } }).run({})
  expect(done.last).toBe('mine')
  expect(heard).toHaveLength(1)
})
