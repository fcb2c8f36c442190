import { AIMessage, type BaseMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
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

test.each([0, 1.5, Number.NaN])('finalAnswerAfter(%s) is refused', (maxIter) => {
  expect(() => finalAnswerAfter(maxIter)).toThrow(RangeError)
})
