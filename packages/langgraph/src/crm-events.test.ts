import { AIMessage } from '@langchain/core/messages'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { connect, RateGate } from '@quartermaster/client'
import { listTool, startTestServer, success } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import type { CrmEvent } from './crm-tool.ts'
import { crmToolNode } from './crm-tool-node.ts'
import { crmTools } from './crm-tools.ts'

const page = { result: [{ id: '1', email: 'jane@acme.example' }], next_cursor: null, result_count: 1 }
const quota = { status: 200, limit: 110, remaining: 94, reset: 7, scope: 'ten-secondly' }

async function seen(onEvent?: (event: CrmEvent) => void) {
  const server = await startTestServer(() => success(page, quota))
  const conn = await connect(server.url)
  const options = { account: 'acme', gate: new RateGate(), ...(onEvent ? { onEvent } : {}) }
  const tools = await crmTools(conn, options)
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', crmToolNode(tools))
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
  const events: CrmEvent[] = []
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
