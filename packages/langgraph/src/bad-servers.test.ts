import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import type { ConnectOptions } from '@quartermaster/client'
import { fail, RATE_LIMIT_META } from '@quartermaster/protocol'
import {
  createTool,
  failure,
  listTool,
  rateLimited,
  type ScriptedAnswer,
  type SeenCall,
  success,
  until,
} from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { page, toolsTestbed } from '../test/tools-testbed.ts'
import { recordToolNode } from './record-tool-node.ts'

async function setup(answer: (call: SeenCall) => ScriptedAnswer, options: ConnectOptions = {}) {
  const { server, clock, gate, tools } = await toolsTestbed(answer, {}, options)
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'tools')
    .compile()
  const call = async (name: string, args = {}) => {
    const asks = new AIMessage({ content: '', tool_calls: [{ name, args, id: 'c1', type: 'tool_call' }] })
    const { messages } = await graph.invoke({ messages: [asks] })
    const message = messages.find((one) => ToolMessage.isInstance(one))
    // Whatever happened, the model reads JSON: no stack, no path, no address.
    const { error } = JSON.parse(message?.text ?? '')
    expect(message?.text).not.toMatch(/\bat .+:\d+|node_modules|127\.0\.0\.1|secret-path|<html/)
    expect(error?.advice ?? 'none').not.toBe('')
    return { status: message?.status, error }
  }
  /** Waits of so many milliseconds, one after the other. */
  const passing = async (...waits: number[]) => {
    for (const ms of waits) {
      await until(() => clock.sleeping()[0] === ms)
      await clock.advance(ms)
    }
  }
  return { server, clock, gate, tools, call, passing }
}

const json = { 'content-type': 'application/json' }

test('a server that dies mid-call is asked again for a read, and reported after four attempts', async () => {
  const { server, call, passing } = await setup(() => 'drop')
  const [outcome] = await Promise.all([call(listTool.name), passing(500, 1000, 2000)])
  expect(outcome).toMatchObject({ status: 'error', error: { code: 'connection_error', attempts: 4 } })
  expect(server.calls).toHaveLength(4)
})

test('a server that dies during a write is not asked again, and the model is told to look first', async () => {
  const { server, call } = await setup(() => 'drop')
  const { error } = await call(createTool.name, { email: 'a@b.c' })
  expect(error).toMatchObject({ code: 'outcome_unknown', attempts: 1 })
  expect(error.advice).toContain('Read the record first')
  expect(server.calls).toHaveLength(1)
})

test.each<[string, () => ScriptedAnswer]>([
  ['a web page', () => ({ http: new Response('<html>proxy</html>', { headers: { 'content-type': 'text/html' } }) })],
  ['half a JSON text', () => ({ http: new Response('{"jsonrpc":"2.0","res', { headers: json }) })],
  ['a text that is no envelope', () => success('<html>hello</html>')],
  ['an envelope of another shape', () => success({ result: 'no list', next_cursor: 7 })],
])('a server that answers with %s gets a typed failure', async (_what, answer) => {
  const { call } = await setup(answer)
  const { status, error } = await call(createTool.name, { email: 'a@b.c' })
  expect(status).toBe('error')
  expect(error.code).toMatch(/^(bad_answer|outcome_unknown)$/)
})

test('a server that changes its tools is answered by name, and the graph goes on', async () => {
  const gone = { jsonrpc: '2.0', id: 0, error: { code: -32602, message: 'Unknown tool at /srv/app.js:12' } }
  let id: unknown
  const noting = async (input: string | URL, init?: RequestInit) => {
    id = typeof init?.body === 'string' ? JSON.parse(init.body).id : undefined
    return fetch(input, init)
  }
  const { call, server } = await setup(() => ({ http: Response.json({ ...gone, id }) }), { fetch: noting })
  const { status, error } = await call(listTool.name)
  expect({ status, code: error.code }).toEqual({ status: 'error', code: 'invalid_arguments' })
  expect(error.advice).toContain('the tools must be listed again')
  expect(server.calls).toHaveLength(1)
})

test('a server that never answers costs ten seconds an attempt, and then a timeout', async () => {
  const { server, clock, call } = await setup(() => 'hang')
  const run = call(listTool.name)
  for (const pause of [500, 1000, 2000, undefined]) {
    const before = server.calls.length
    await until(() => server.calls.length > before || clock.sleeping().includes(10_000))
    await until(() => clock.sleeping().includes(10_000))
    await clock.advance(10_000)
    if (pause === undefined) break
    await until(() => clock.sleeping().includes(pause))
    await clock.advance(pause)
  }
  expect(await run).toMatchObject({ status: 'error', error: { code: 'timeout', attempts: 4 } })
})

test('a server that gives the same cursor for ever meets the limits of its run, and the pages read so far stay in the run', async () => {
  const { server, tools } = await setup(() => success({ ...page, next_cursor: 'again' }))
  const model = fakeModel().respondWithTools([{ name: listTool.name, args: {}, id: 'c0' }])
  for (let nth = 1; nth <= 6; nth += 1) {
    model.respondWithTools([{ name: listTool.name, args: { next_cursor: 'again' }, id: `c${nth}` }])
  }
  const { messages } = await createAgent({ model: model.respond(new AIMessage('done')), tools }).invoke({
    messages: [{ role: 'user', content: 'all of them' }],
  })
  const answers = messages.filter((message): message is ToolMessage => ToolMessage.isInstance(message))
  expect(answers.map(({ status }) => status)).toEqual([...Array(4).fill('success'), ...Array(3).fill('error')])
  expect(answers[4]?.artifact).toMatchObject({ error: { code: 'repeated_call' } })
  expect(answers[3]?.text).toContain('"next_cursor":"again"')
  expect(server.calls).toHaveLength(4)
})

test('a quota that is back in 30 days is reported at once, not slept through', async () => {
  const days = 30 * 86_400
  const { server, clock, call } = await setup(() => rateLimited(days))
  expect(await call(listTool.name)).toMatchObject({
    status: 'error',
    error: { code: 'rate_limited', retry_after_s: days, attempts: 1 },
  })
  expect(await call(listTool.name, { limit: '2' })).toMatchObject({ error: { code: 'rate_limited', attempts: 0 } })
  expect(server.calls).toHaveLength(1)
  expect(clock.sleeping()).toEqual([])
})

test('a reset in the past is now: asked again at once, four times, and no more', async () => {
  const past = failure(fail('rate_limited', '429 Too Many Requests', 'Wait.'), { status: 429, reset: -5, remaining: 0 })
  const { server, call, clock } = await setup(({ nth }) => (nth < 4 ? past : success(page)))
  expect(await call(listTool.name)).toMatchObject({ status: 'success' })
  expect(server.calls).toHaveLength(4)
  expect(clock.sleeping()).toEqual([])
  expect(past._meta?.[RATE_LIMIT_META]).toMatchObject({ reset: -5 })
})

test('a refusal without any quota headers waits two seconds each time', async () => {
  const { server, call, passing } = await setup(() => rateLimited())
  const [outcome] = await Promise.all([call(listTool.name), passing(2000, 2000, 2000)])
  expect(outcome).toMatchObject({ status: 'error', error: { code: 'rate_limited', attempts: 4 } })
  expect(server.calls).toHaveLength(4)
})
