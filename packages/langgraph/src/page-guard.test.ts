import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { pageGuard } from './page-guard.ts'

function endless(cursorAfter: (page: number) => string = String) {
  const cursors: (string | undefined)[] = []
  const list = tool(
    ({ next_cursor }) => {
      cursors.push(next_cursor)
      return JSON.stringify({ result: [], next_cursor: cursorAfter(cursors.length), result_count: 0 })
    },
    {
      name: 'list_deals',
      description: 'Lists deals',
      schema: z.looseObject({ next_cursor: z.string().optional() }),
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
    .respondWithTools([{ name: 'list_deals', args: { owner: '1' }, id: 'a' }])
    .respondWithTools([
      { name: 'list_deals', args: { owner: '2', next_cursor: 'x' }, id: 'b' },
      { name: 'list_deals', args: { owner: '2', next_cursor: 'y' }, id: 'c' },
    ])
    .respond(new AIMessage('done'))
    .respondWithTools([{ name: 'list_deals', args: { owner: '2', next_cursor: 'z' }, id: 'd' }])
    .respond(new AIMessage('done'))
  const agent = createAgent({ model, tools: [list], middleware: [pageGuard({ maxPages: 1 })] })
  const first = await agent.invoke({ messages: [{ role: 'user', content: 'deals' }] })
  await agent.invoke({ messages: [...first.messages, { role: 'user', content: 'more' }] })
  expect(cursors).toEqual([undefined, 'x', 'z'])
})

test.each<[string, (page: number) => Record<string, unknown>, (page: number) => string]>([
  ['another limit', (page) => ({ limit: String(page) }), String],
  ['a number for a text', (page) => ({ limit: '9', owner: page % 2 ? 7 : '7' }), String],
  ['arguments that say nothing', (page) => (page % 2 ? { q: '' } : { q: null }), String],
  ['a filter that no server knows', (page) => ({ noise: String(page) }), (page) => `opaque-cursor-${page}`],
])('pageGuard() is not misled by %s', async (_, vary, cursorAfter) => {
  const { list, cursors } = endless(cursorAfter)
  const model = fakeModel()
  for (let page = 0; page < 8; page += 1) {
    // After the refusal, the cursor it was refused with.
    const args = { ...vary(page), ...(page === 0 ? {} : { next_cursor: cursorAfter(Math.min(page, 4)) }) }
    model.respondWithTools([{ name: 'list_deals', args, id: `c${page}` }])
  }
  model.respond(new AIMessage('enough'))
  const agent = createAgent({ model, tools: [list], middleware: [pageGuard({ maxPages: 4 })] })
  await agent.invoke({ messages: [{ role: 'user', content: 'all deals' }] })
  expect(cursors).toHaveLength(4)
})

test('pageGuard() refuses a bound that is none', () => {
  expect(() => pageGuard({ maxPages: 0 })).toThrow(RangeError)
})
