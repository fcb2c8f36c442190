import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages'
import { type ToolRuntime, tool } from '@langchain/core/tools'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { finalAnswerAfter } from './final-answer-after.ts'

const look = tool(() => 'nothing yet', { name: 'look', description: 'Looks', schema: z.object({}) })

/** A model that always wants to look once more, whatever it is told. */
function restless(heard: string[]) {
  const model = fakeModel()
  for (let nth = 1; nth <= 9; nth += 1) {
    model.respond((messages: BaseMessage[]) => {
      heard.push(messages.map(({ text }) => text).join('\n'))
      return new AIMessage({
        content: `after ${nth}`,
        tool_calls: [{ name: 'look', args: {}, id: `c${nth}`, type: 'tool_call' }],
      })
    })
  }
  return model
}

test('finalAnswerAfter() lets an agent of createAgent think so often, and takes what it says last as its answer', async () => {
  const heard: string[] = []
  const agent = createAgent({ model: restless(heard), tools: [look], middleware: [finalAnswerAfter(3)] })
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'go' }] })
  expect(heard.map((text) => text.includes('This is your last turn: no more tools'))).toEqual([false, false, true])
  expect(messages.at(-1)).toMatchObject({ text: 'after 3', tool_calls: [] })
})

test('finalAnswerAfter() counts anew for the next question of a conversation', async () => {
  const heard: string[] = []
  const agent = createAgent({ model: restless(heard), tools: [look], middleware: [finalAnswerAfter(2)] })
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'one' }] })
  await agent.invoke({ messages: [...messages, { role: 'user', content: 'two' }] })
  expect(heard.map((text) => text.includes('This is your last turn'))).toEqual([false, true, false, true])
})

/** Says that it failed with the next of these codes; `''` for an answer, and for every call after them. */
function failing(codes: readonly string[]) {
  const left = [...codes]
  return tool(
    (_args, config: ToolRuntime) => {
      const code = left.shift() ?? ''
      if (code === '') return 'nothing yet'
      return new ToolMessage({
        status: 'error',
        content: code,
        artifact: { error: { code, message: code, attempts: 0 } },
        tool_call_id: config.toolCallId,
      })
    },
    { name: 'look', description: 'Looks', schema: z.object({}) },
  )
}

test.each([
  ['too_many_errors', ['rate_limited', 'too_many_errors'], 3],
  ['call_budget_exhausted', ['', 'call_budget_exhausted'], 3],
  ['three turns that only meet bounds', ['repeated_call', 'page_limit', 'question_limit'], 4],
  ['a bound that is met again after an answer', ['repeated_call', 'unknown_tool', '', 'repeated_call'], 9],
  ['ordinary failures', ['not_found', 'not_found', 'not_found', 'tool_error', 'tool_error'], 9],
])('finalAnswerAfter() takes the tools away once a bound has ended the calls: %s', async (_, codes, calls) => {
  const heard: string[] = []
  const agent = createAgent({
    model: restless(heard),
    tools: [failing(codes)],
    middleware: [finalAnswerAfter(9)],
  })
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'go' }] })
  expect(heard).toHaveLength(calls)
  expect(heard.at(-1)).toContain('This is your last turn')
  expect(messages.at(-1)).toMatchObject({ text: `after ${calls}`, tool_calls: [] })
})

test.each([0, 1.5, Number.NaN])('finalAnswerAfter(%s) is refused', (maxIter) => {
  expect(() => finalAnswerAfter(maxIter)).toThrow(RangeError)
})
