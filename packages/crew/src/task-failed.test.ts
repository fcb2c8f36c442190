import { inspect } from 'node:util'
import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { DynamicStructuredTool, tool } from '@langchain/core/tools'
import { fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { TaskFailed } from './task-failed.ts'

const inputs = z.object({ quarter: z.string() })

test('run() stops with the objection when no answer holds', async () => {
  const model = fakeModel().respond(new AIMessage('no')).respond(new AIMessage('no'))
  const never = crew('never', { model, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('memo', { agent: 'a', prompt: 'write', guardRetries: 1, guard: () => 'Not good enough' })
  await expect(never.run({ quarter: 'Q1' })).rejects.toMatchObject({
    name: 'TaskFailed',
    message: 'Cannot finish task "memo": a gave no valid answer in 2 attempts: Not good enough',
    attempts: 2,
    report: { usage: { modelCalls: 2 } },
  })
})

test('TaskFailed carries what the agent said last, and neither its message nor its listed properties repeat it', async () => {
  const model = fakeModel().respondWithTools([{ name: 'answer_deal', args: { buyer: 'Jane Roe' }, id: 'c1' }])
  const failed = await crew('private', { model, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('deal', {
      agent: 'a',
      prompt: 'read',
      output: z.object({ buyer: z.string() }),
      guardRetries: 0,
      guard: () => 'Not the buyer',
    })
    .run({ quarter: 'Q1' })
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(TaskFailed)
  expect(failed).toMatchObject({ reason: 'Not the buyer' })
  expect(Reflect.get(Object(failed), 'text')).toBe('{"buyer":"Jane Roe"}')
  expect(String(failed) + JSON.stringify(failed) + inspect(failed)).not.toContain('Jane')
})

test('a tool that throws costs its call and not the run', async () => {
  const broken = tool(
    () => {
      throw new Error('socket gone')
    },
    { name: 'list_deals', description: 'Breaks', schema: z.object({}) },
  )
  const model = fakeModel()
    .respondWithTools([{ name: 'list_deals', args: {}, id: 'c1' }])
    .respond((messages) => new AIMessage(`read: ${messages.at(-1)?.text}`))
  const done = await crew('broken', { model, inputs })
    .agent('a', { role: 'a', goal: 'a', tools: [broken] })
    .task('memo', { agent: 'a', prompt: 'go' })
    .run({ quarter: 'Q1' })
  expect(done.tasks.memo).toContain('socket gone')
  expect(done.toolFailures).toMatchObject([{ tool: 'list_deals', code: 'tool_error', message: 'socket gone' }])
})

test('toolFailures names each failed call of agents and delegates, with its code', async () => {
  const failing = new DynamicStructuredTool({
    name: 'list_deals',
    description: 'Fails',
    schema: z.object({}),
    func: async (_args, _manager, config) =>
      new ToolMessage({
        status: 'error',
        content: '{}',
        artifact: { error: { code: 'rate_limited', message: 'later', attempts: 4 } },
        name: 'list_deals',
        tool_call_id: config && 'toolCall' in config ? String(Reflect.get(Object(config.toolCall), 'id')) : '',
      }),
  })
  const model = fakeModel()
    .respondWithTools([{ name: 'list_deals', args: {}, id: 'c1' }])
    .respond(new AIMessage('The CRM is busy.'))
  const done = await crew('failing', { model, inputs })
    .agent('a', { role: 'a', goal: 'a', tools: [failing] })
    .task('memo', { agent: 'a', prompt: 'go' })
    .run({ quarter: 'Q1' })
  expect(done.toolFailures).toEqual([
    { task: 'memo', agent: 'a', tool: 'list_deals', code: 'rate_limited', message: 'later' },
  ])
})
