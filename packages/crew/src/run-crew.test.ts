import { inspect } from 'node:util'
import { type ToolRuntime, tool } from '@langchain/core/tools'
import { interrupt, MemorySaver } from '@langchain/langgraph'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { RunStopped } from './run-crew.ts'
import { scriptedModel } from './scripted-model.ts'
import { TaskFailed } from './task-failed.ts'

const inputs = z.object({ quarter: z.string(), top: z.number().default(3) })
const Q1 = { quarter: 'Q1', top: 3 }

/** Three tasks in a row and one beside the last, which fails while `failing` is true. */
function contract() {
  const asked: string[] = []
  const state = { failing: true, down: false }
  const model = scriptedModel(({ question }) => {
    const task = question.split('\n', 1)[0] ?? ''
    asked.push(task)
    if (state.down && task === 'memo') throw new Error('model down')
    return `${task} of Jane`
  })
  const built = crew('contract', { model, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('facts', { agent: 'a', prompt: 'facts' })
    .task('risks', { agent: 'a', prompt: 'risks' })
    .task('beside', { agent: 'a', needs: ['risks'], prompt: 'beside' })
    .task('memo', {
      agent: 'a',
      needs: ['risks'],
      prompt: 'memo',
      guardRetries: 1,
      guard: () => (state.failing ? 'Not yet' : true),
    })
  return { built, asked, state }
}

const out = { facts: 'facts of Jane', risks: 'risks of Jane', beside: 'beside of Jane' }
const failure = (run: Promise<unknown>) => run.then(() => undefined).catch((error: unknown) => error)

test('a run that fails tells what its other tasks have come to, and no log does', async () => {
  const { built } = contract()
  const failed = await failure(built.run(Q1))
  expect(failed).toBeInstanceOf(TaskFailed)
  if (!(failed instanceof TaskFailed)) return
  expect(failed.finished).toMatchObject({ out, usage: { modelCalls: 3 }, toolFailures: [] })
  expect(failed.report.usage.modelCalls).toBe(2)
  expect(failed.threadId).toBeUndefined()
  expect(String(failed) + JSON.stringify(failed) + inspect(failed)).not.toContain('Jane')
})

test('a compiled crew that fails tells of the tasks before, and of its thread', async () => {
  const graph = contract().built.compile({ checkpointer: new MemorySaver() })
  const failed = await failure(graph.invoke({ inputs: Q1 }, { configurable: { thread_id: 't' } }))
  expect(failed).toMatchObject({ threadId: 't', finished: { out: { facts: out.facts, risks: out.risks } } })
})

test('runEach() tells the same for each that fails', async () => {
  const [result] = await contract().built.runEach([Q1])
  expect(result).toMatchObject({ status: 'rejected', reason: { finished: { out } } })
})

test.each(['the guard', 'the model'])(
  'a second run goes on after the last finished task when %s had failed',
  async (who) => {
    const { built, asked, state } = contract()
    const options = { checkpointer: new MemorySaver(), threadId: 'q1' }
    state.down = who === 'the model'
    const failed = await failure(built.run(Q1, options))
    if (who === 'the guard') expect(failed).toMatchObject({ threadId: 'q1', finished: { out } })
    else expect(failed).toMatchObject({ message: 'model down' })
    Object.assign(state, { failing: false, down: false })
    const before = asked.length
    const done = await built.run(Q1, options)
    // An answer that the guard now takes is not asked for again.
    expect(asked.slice(before)).toEqual(who === 'the model' ? ['memo'] : [])
    expect(done.tasks).toEqual({ ...out, memo: 'memo of Jane' })
    expect(done.last).toBe('memo of Jane')
    expect(done.usage.modelCalls).toBe(4)
    expect(await built.run(Q1, options)).toEqual(done)
    expect(asked).toHaveLength(who === 'the model' ? before + 1 : before)
  },
)

test('a task that had failed has as many attempts again when the run goes on, and its failure tells what both have finished', async () => {
  const heard: string[] = []
  const model = scriptedModel(({ messages }) => {
    heard.push(messages.at(-1)?.text ?? '')
    return `answer ${heard.length}`
  })
  const judged: string[] = []
  const stubborn = crew('stubborn', { model, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('facts', { agent: 'a', prompt: 'facts' })
    .task('memo', {
      agent: 'a',
      prompt: 'memo',
      guardRetries: 1,
      guard: (answer) => judged.push(answer) > 7 || `Not ${answer}`,
    })
  const options = { checkpointer: new MemorySaver(), threadId: 't' }
  for (const calls of [3, 5]) {
    const failed = await failure(stubborn.run(Q1, options))
    expect(failed).toBeInstanceOf(TaskFailed)
    if (!(failed instanceof TaskFailed)) return
    expect(failed.finished).toMatchObject({ out: { facts: 'answer 1' }, usage: { modelCalls: 1 } })
    expect(heard).toHaveLength(calls)
  }
  expect(heard.at(-1)).toContain('Not answer 4')
  const done = await stubborn.run(Q1, options)
  expect(judged).toEqual([2, 3, 2, 3, 4, 5, 2, 3].map((nth) => `answer ${nth}`))
  expect(done.tasks).toEqual({ facts: 'answer 1', memo: 'answer 3' })
})

test('runEach() run again pays only for what is not finished', async () => {
  const { built, asked, state } = contract()
  state.down = true
  const options = { checkpointer: new MemorySaver(), threadOf: ({ quarter }: { quarter: string }) => quarter }
  const list = [Q1, { quarter: 'Q2', top: 3 }]
  await built.runEach(list, options)
  Object.assign(state, { failing: false, down: false })
  const before = asked.length
  const results = await built.runEach(list, options)
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  expect(asked.slice(before)).toEqual(['memo', 'memo'])
})

test('a thread is refused for other inputs, and half of what it takes is refused too', async () => {
  const { built } = contract()
  const options = { checkpointer: new MemorySaver(), threadId: 'q1' }
  await failure(built.run(Q1, options))
  await expect(built.run({ quarter: 'Q2', top: 3 }, options)).rejects.toThrow('was begun with other inputs')
  await expect(built.run(Q1, { threadId: 'q1' })).rejects.toThrow('checkpointer and threadId go together')
  await expect(built.run(Q1, { checkpointer: new MemorySaver() })).rejects.toThrow('go together')
})

test('a run that meets something to wait for says so, and is finished by another run when the wait is over', async () => {
  let isOver = false
  const list = tool((_args, _config: ToolRuntime) => (isOver ? 'ok' : String(interrupt({ retryAfterS: 3600 }))), {
    name: 'list',
    description: 'Lists',
    schema: z.object({}),
  })
  const model = scriptedModel(({ results }) =>
    results.length > 0 ? `got ${results[0]?.text}` : { calls: [{ name: 'list', args: {} }] },
  )
  const stopping = crew('stopping', { model, inputs })
    .agent('a', { role: 'a', goal: 'a', tools: [list] })
    .task('memo', { agent: 'a', prompt: 'write' })
  const options = { checkpointer: new MemorySaver(), threadId: 'p' }
  const stopped = await failure(stopping.run(Q1, options))
  expect(stopped).toBeInstanceOf(RunStopped)
  expect(stopped).toMatchObject({ interrupts: [{ retryAfterS: 3600 }], threadId: 'p' })
  isOver = true
  expect((await stopping.run(Q1, options)).tasks).toEqual({ memo: 'got ok' })
})
