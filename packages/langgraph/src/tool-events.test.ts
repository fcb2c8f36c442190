import { AIMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { connect, RateGate } from '@quartermaster/client'
import { listTool, startTestServer, success, TestClock } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { ToolEvent } from './emit-event.ts'
import { rateLimit } from './rate-limit.ts'
import { recordToolNode } from './record-tool-node.ts'
import { recordTools } from './record-tools.ts'

const page = { result: [{ id: '1', email: 'jane@acme.example' }], next_cursor: null, result_count: 1 }
const quota = { status: 200, limit: 110, remaining: 94, reset: 7, scope: 'ten-secondly' }

async function seen(onEvent?: (event: ToolEvent) => void) {
  const server = await startTestServer(() => success(page, quota))
  const conn = await connect(server.url)
  const options = { account: 'acme', gate: new RateGate(), ...(onEvent ? { onEvent } : {}) }
  const tools = await recordTools(conn, options)
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'tools')
    .compile()
  const asks = new AIMessage({
    content: '',
    tool_calls: [{ name: listTool.name, args: { limit: '7' }, id: 'c1', type: 'tool_call' }],
  })
  const streamed: unknown[] = []
  for await (const event of await graph.stream({ messages: [asks] }, { streamMode: 'custom' })) streamed.push(event)
  // As plain code calls it, outside of any graph.
  const alone = await tools[0]?.invoke({ limit: '7' })
  await conn.close()
  await server.close()
  return { streamed, alone }
}

test('onEvent gets what the custom stream gets, the quota that is left among it, and calls outside of a graph too', async () => {
  const events: ToolEvent[] = []
  const { streamed } = await seen((event) => events.push(event))
  const call = { tool: listTool.name, account: 'acme', toolCallId: 'c1' }
  expect(streamed).toEqual([
    { ...call, type: 'tool_call' },
    { ...call, type: 'tool_result', ok: true, attempts: 1, ms: expect.any(Number) },
    { ...quota, type: 'quota', account: 'acme', toolCallId: 'c1' },
  ])
  expect(events.slice(0, 3)).toEqual(streamed)
  expect(events.slice(3).map(({ type }) => type)).toEqual(['tool_call', 'tool_result', 'quota'])
  expect(events[3]).not.toHaveProperty('toolCallId')
  expect(JSON.stringify(events)).not.toContain('jane')
})

test('a listener that throws breaks no call', async () => {
  const { alone } = await seen(() => {
    throw new Error('display gone')
  })
  expect(alone).toBe(JSON.stringify(page))
})

const slow = { type: 'sla_exceeded', attempt: 1, ms: 1500, slaMs: 1000, account: 'acme', toolCallId: 'c1' }
const asks = (name: string) =>
  new AIMessage({ content: '', tool_calls: [{ name, args: {}, id: 'c1', type: 'tool_call' }] })

async function streamedBy(stream: Promise<AsyncIterable<unknown>>) {
  const events: unknown[] = []
  for await (const event of await stream) events.push(event)
  return events
}

test('a request that took longer than policy.slaMs is seen in the custom stream of a graph and of an agent', async () => {
  const clock = new TestClock()
  const server = await startTestServer(async () => {
    await clock.advance(1500)
    return success(page)
  })
  const conn = await connect(server.url)
  const tools = await recordTools(conn, { account: 'acme', gate: new RateGate({ clock }), clock })
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'tools')
    .compile()
  const stream = { streamMode: 'custom' as const }
  const seenByGraph = await streamedBy(graph.stream({ messages: [asks(listTool.name)] }, stream))
  expect(seenByGraph).toContainEqual({ ...slow, tool: listTool.name })
  const model = fakeModel()
    .respondWithTools([{ name: listTool.name, args: {}, id: 'c1' }])
    .respond(new AIMessage('done'))
  const seenByAgent = await streamedBy(
    createAgent({ model, tools }).stream({ messages: [{ role: 'user', content: 'who?' }] }, stream),
  )
  expect(seenByAgent).toContainEqual({ ...slow, tool: listTool.name })
  await conn.close()
  await server.close()
})

test('third-party tools write to the custom stream as well, behind rateLimit() and in recordToolNode()', async () => {
  const clock = new TestClock()
  const crawl = async () => {
    await clock.advance(1500)
    return 'seen'
  }
  const look = tool(crawl, { name: 'look', description: 'd', schema: z.object({}) })
  const options = { account: 'acme', gate: new RateGate({ clock }), clock }
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode([look], options))
    .addEdge(START, 'tools')
    .compile()
  const stream = { streamMode: 'custom' as const }
  expect(await streamedBy(graph.stream({ messages: [asks('look')] }, stream))).toContainEqual({ ...slow, tool: 'look' })
  const model = fakeModel()
    .respondWithTools([{ name: 'look', args: {}, id: 'c1' }])
    .respond(new AIMessage('done'))
  const heard: ToolEvent[] = []
  const middleware = [rateLimit({ ...options, onEvent: (event) => heard.push(event) })]
  const agent = createAgent({ model, tools: [look], middleware })
  const streamed = await streamedBy(agent.stream({ messages: [{ role: 'user', content: 'who?' }] }, stream))
  expect(streamed).toContainEqual({ ...slow, tool: 'look' })
  expect(heard).toEqual(streamed)
})
