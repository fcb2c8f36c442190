import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { pageGuard } from './page-guard.ts'

function endless() {
  const cursors: (string | undefined)[] = []
  const list = tool(
    ({ next_cursor }) => {
      cursors.push(next_cursor)
      return JSON.stringify({ result: [], next_cursor: String(cursors.length), result_count: 0 })
    },
    {
      name: 'list_deals',
      description: 'Lists deals',
      schema: z.object({ limit: z.string().optional(), next_cursor: z.string().optional() }),
    },
  )
  return { list, cursors }
}

test('pageGuard() refuses the page after the last, with the cursor to go on from', async () => {
  const { list, cursors } = endless()
  const model = fakeModel()
  for (let page = 0; page < 5; page += 1) {
    const args = page === 0 ? { limit: '9' } : { limit: '9', next_cursor: String(page) }
    model.respondWithTools([{ name: 'list_deals', args, id: `c${page}` }])
  }
  model.respond(new AIMessage('enough'))
  const agent = createAgent({ model, tools: [list], middleware: [pageGuard({ maxPages: 3 })] })
  const out = await agent.invoke({ messages: [{ role: 'user', content: 'all deals' }] })
  const answers = out.messages.filter((message) => ToolMessage.isInstance(message))
  expect(answers.map((message) => message.status ?? 'success')).toEqual([
    'success',
    'success',
    'success',
    'error',
    'error',
  ])
  expect(cursors).toEqual([undefined, '1', '2'])
  expect(JSON.parse(String(answers[3]?.content)).error).toMatchObject({ code: 'page_limit', resume_cursor: '3' })
  expect(answers[3]?.artifact).toMatchObject({ error: { code: 'page_limit', resumeCursor: '3' } })
})

test('pageGuard() counts each list by itself, and anew after the next human message', async () => {
  const { list, cursors } = endless()
  const model = fakeModel()
    .respondWithTools([{ name: 'list_deals', args: { limit: '1' }, id: 'a' }])
    .respondWithTools([
      { name: 'list_deals', args: { limit: '2', next_cursor: 'x' }, id: 'b' },
      { name: 'list_deals', args: { limit: '2', next_cursor: 'y' }, id: 'c' },
    ])
    .respond(new AIMessage('done'))
    .respondWithTools([{ name: 'list_deals', args: { limit: '2', next_cursor: 'z' }, id: 'd' }])
    .respond(new AIMessage('done'))
  const agent = createAgent({ model, tools: [list], middleware: [pageGuard({ maxPages: 1 })] })
  const first = await agent.invoke({ messages: [{ role: 'user', content: 'deals' }] })
  await agent.invoke({ messages: [...first.messages, { role: 'user', content: 'more' }] })
  expect(cursors).toEqual([undefined, 'x', 'z'])
})

test('pageGuard() refuses a bound that is none', () => {
  expect(() => pageGuard({ maxPages: 0 })).toThrow(RangeError)
})
