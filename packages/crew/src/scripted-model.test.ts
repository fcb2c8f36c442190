import { tool } from '@langchain/core/tools'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { scriptedModel } from './scripted-model.ts'

const countDeals = tool(({ stage }) => `{"result":{"stage":"${stage}","count":7}}`, {
  name: 'count_deals',
  description: 'Counts',
  schema: z.object({ stage: z.string() }),
})
const inputs = z.object({ stage: z.string() })

test('scriptedModel() decides from the question, the tools and what they answered', async () => {
  const seen: (readonly string[])[] = []
  const model = scriptedModel(({ question, results, tools }) => {
    seen.push(tools)
    const [first] = results
    if (!first) return { calls: [{ name: 'count_deals', args: { stage: question.includes('won') ? 'won' : 'lost' } }] }
    const { count } = JSON.parse(first.text).result
    return tools.includes('answer_numbers')
      ? { calls: [{ name: 'answer_numbers', args: { count } }] }
      : `${count} deals`
  })
  const { tasks, usage } = await crew('scripted', { model, inputs })
    .agent('analyst', { role: 'an analyst', goal: 'numbers', tools: [countDeals] })
    .task('numbers', {
      agent: 'analyst',
      prompt: ({ inputs }) => `Count the ${inputs.stage} deals.`,
      output: z.object({ count: z.number() }),
    })
    .task('words', { agent: 'analyst', prompt: 'Say it in words.' })
    .run({ stage: 'won' })
  expect(tasks).toEqual({ numbers: { count: 7 }, words: '7 deals' })
  expect(usage.modelCalls).toBe(4)
  expect(seen).toEqual([
    ['count_deals', 'answer_numbers'],
    ['count_deals', 'answer_numbers'],
    ['count_deals'],
    ['count_deals'],
  ])
})

test('scriptedModel() gives the same calls the same ids when a conversation is repeated', async () => {
  const model = scriptedModel(() => ({ calls: [{ name: 'a', args: {} }] }))
  const [first, second] = [await model.invoke('go'), await model.invoke('go')]
  expect(first.tool_calls).toEqual(second.tool_calls)
})
