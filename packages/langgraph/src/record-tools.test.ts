import { AIMessage, ToolMessage } from '@langchain/core/messages'
import type { StructuredTool } from '@langchain/core/tools'
import { Command, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { fail } from '@quartermaster/protocol'
import { createTool, failure, listTool, rateLimited, success, until } from '@quartermaster/testing'
import { roles, toolset } from '@quartermaster/toolsets'
import { createAgent, createMiddleware, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { page, toolsTestbed } from '../test/tools-testbed.ts'
import { recordToolNode } from './record-tool-node.ts'
import { recordTools } from './record-tools.ts'

const byName = (tools: StructuredTool[], name: string) => {
  const tool = tools.find((candidate) => candidate.name === name)
  if (!tool) throw new Error(`no ${name}`)
  return tool
}

const asks = (...calls: { name: string; args: Record<string, unknown> }[]) =>
  new AIMessage({ content: '', tool_calls: calls.map((call, i) => ({ ...call, id: `c${i}`, type: 'tool_call' })) })

function graphOf(tools: StructuredTool[]) {
  return new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'tools')
    .compile({ checkpointer: new MemorySaver() })
}

const toolMessages = (messages: unknown[]) => messages.filter((m): m is ToolMessage => ToolMessage.isInstance(m))

test('recordTools() keeps the server’s JSON Schema, names, descriptions and annotations as they are', async () => {
  const { tools } = await toolsTestbed(() => success(page))
  const list = byName(tools, listTool.name)
  expect(list.schema).toEqual(listTool.inputSchema)
  expect(list.description).toBe('List contacts.')
  expect(list.metadata).toMatchObject({
    annotations: { readOnlyHint: true },
    'quartermaster/tool': { kind: 'list', tags: ['crm', 'contacts'] },
  })
})

test('recordTools() returns the text untouched to the model and the figures to code', async () => {
  const { tools } = await toolsTestbed(() => success(page, { status: 200, limit: 100, remaining: 7, reset: 3 }))
  const out = await graphOf(tools).invoke(
    { messages: [asks({ name: listTool.name, args: { limit: '1' } })] },
    { configurable: { thread_id: 't' } },
  )
  const [message] = toolMessages(out.messages)
  expect(message).toMatchObject({ content: JSON.stringify(page), status: 'success', tool_call_id: 'c0' })
  expect(message?.artifact).toEqual({
    attempts: 1,
    ms: 0,
    quota: { status: 200, limit: 100, remaining: 7, reset: 3 },
  })
})

test('recordTools() accepts what models send: numbers for strings, null for nothing', async () => {
  const { server, tools } = await toolsTestbed(() => success(page))
  await byName(tools, listTool.name).invoke({ limit: 5, next_cursor: null } as never)
  expect(server.calls[0]?.args).toEqual({ limit: '5' })
})

test('recordTools() answers arguments that do not fit without asking the server', async () => {
  const { server, tools } = await toolsTestbed(() => success(page))
  const out = await graphOf(tools).invoke(
    { messages: [asks({ name: createTool.name, args: { phone: '1' } })] },
    { configurable: { thread_id: 't' } },
  )
  const [message] = toolMessages(out.messages)
  expect(message?.status).toBe('error')
  expect(JSON.parse(String(message?.content)).error).toMatchObject({
    code: 'invalid_arguments',
    message: 'The arguments do not fit the tool (missing: email; unknown: phone).',
    advice: 'Call again with these arguments only: email.',
  })
  expect(server.calls).toHaveLength(0)
})

test('recordTools() makes a failure a message with status error, JSON for the planner and an artifact for code', async () => {
  const refusal = fail('needs_reauth', 'The grant was withdrawn.', 'Ask the user to connect again.')
  const { tools } = await toolsTestbed(() => failure(refusal))
  const out = await graphOf(tools).invoke(
    { messages: [asks({ name: listTool.name, args: {} })] },
    { configurable: { thread_id: 't' } },
  )
  const [message] = toolMessages(out.messages)
  expect(message?.status).toBe('error')
  expect(message?.content).toBe(
    '{"error":{"code":"needs_reauth","status":403,"message":"The grant was withdrawn.","retryable":false,' +
      '"attempts":1,"advice":"Ask the user to connect again."}}',
  )
  expect(message?.artifact).toMatchObject({ error: { code: 'needs_reauth', attempts: 1 } })
})

test('recordTools() let an agent see a failure and go on, with a pass-through middleware in between', async () => {
  const { tools } = await toolsTestbed(() => failure(fail('not_found', 'No such contact.', 'Search first.')))
  const model = fakeModel()
    .respondWithTools([{ name: listTool.name, args: {}, id: 'c1' }])
    .respond((messages) => new AIMessage(`I read: ${messages.at(-1)?.content}`))
  const pass = createMiddleware({ name: 'pass', wrapToolCall: (request, handler) => handler(request) })
  const out = await createAgent({ model, tools, middleware: [pass] }).invoke({
    messages: [{ role: 'user', content: 'who?' }],
  })
  expect(out.messages.at(-1)?.content).toContain('I read: {"error":{"code":"not_found"')
  expect(out.messages.at(-1)?.content).not.toContain('Please fix your mistakes')
})

test('recordTools() writes progress into the custom stream while it waits out a 429', async () => {
  const { clock, tools } = await toolsTestbed(({ nth }) => (nth === 1 ? rateLimited(7) : success(page)))
  const events: unknown[] = []
  const streaming = (async () => {
    const stream = await graphOf(tools).stream(
      { messages: [asks({ name: listTool.name, args: { limit: '1' } })] },
      { streamMode: 'custom', configurable: { thread_id: 't' } },
    )
    for await (const event of stream) events.push(event)
  })()
  await until(() => clock.sleeping().includes(7000))
  await clock.advance(7000)
  await streaming
  const common = { tool: listTool.name, account: 'acme', toolCallId: 'c0' }
  expect(events).toEqual([
    { type: 'tool_call', ...common },
    { type: 'rate_limited', attempt: 1, retryAfterS: 7, waitMs: 7000, ...common },
    { type: 'waiting', reason: 'rate_limited', waitMs: 7000, attempt: 2, ...common },
    { type: 'tool_result', ok: true, attempts: 2, ms: 7000, ...common },
  ])
})

test('recordTools() refuse the fourth identical call of a run, and count anew in the next run', async () => {
  const { server, tools } = await toolsTestbed(() => success(page))
  const graph = graphOf(tools)
  const same = { name: listTool.name, args: { limit: '1' } }
  const input = { messages: [asks(same, same, same, same)] }
  const first = await graph.invoke(input, { configurable: { thread_id: 't' } })
  expect(toolMessages(first.messages).map((m) => m.status)).toEqual(['success', 'success', 'success', 'error'])
  expect(toolMessages(first.messages).at(-1)?.artifact).toMatchObject({ error: { code: 'repeated_call', attempts: 0 } })
  expect(server.calls).toHaveLength(3)
  await graph.invoke(input, { configurable: { thread_id: 'other' } })
  expect(server.calls).toHaveLength(6)
})

test('recordTools() give a write the same idempotency key when the same step runs again, and reads none', async () => {
  const { server, tools } = await toolsTestbed(() => success({ result: { id: '1' } }))
  const write = byName(tools, createTool.name)
  const call = { name: createTool.name, args: { email: 'a@b.c' }, id: 'c1', type: 'tool_call' as const }
  await write.invoke(call, { configurable: { thread_id: 't' } })
  await write.invoke(call, { configurable: { thread_id: 't' } })
  await write.invoke(call, { configurable: { thread_id: 'u' } })
  await byName(tools, listTool.name).invoke({ ...call, name: listTool.name, args: {} })
  const [first, second, third, read] = server.calls.map((seen) => seen.meta['quartermaster/idempotency-key'])
  expect(first).toMatch(/^[\w-]{43}$/)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
  expect(read).toBeUndefined()
})

test('recordTools() filters by toolset and refuses to start with no tools or too many', async () => {
  const { conn, gate } = await toolsTestbed(() => success(page))
  const options = { account: 'acme', gate }
  const reader = await recordTools(conn, { ...options, toolset: toolset('reader').methods('read') })
  expect(reader.map((tool) => tool.name)).toEqual([listTool.name])
  await expect(recordTools(conn, { ...options, toolset: roles.analytics })).rejects.toThrow(
    'Cannot equip the agent: none of the 2 tools behind the URL is one of toolset "analytics"',
  )
  await expect(
    recordTools(conn, { ...options, toolset: toolset('all').methods('read', 'write').maxTools(1) }),
  ).rejects.toThrow('would get 2')
  await expect(recordTools(conn, { ...options, filter: () => false })).rejects.toThrow('Cannot equip the agent')
})

test('recordTools() stop waiting when the run is cancelled', async () => {
  const { clock, gate, tools } = await toolsTestbed(() => rateLimited(20))
  const cancel = new AbortController()
  const run = graphOf(tools).invoke(
    { messages: [asks({ name: listTool.name, args: {} })] },
    { configurable: { thread_id: 't' }, signal: cancel.signal },
  )
  await until(() => clock.sleeping().includes(20_000))
  cancel.abort()
  await expect(run).rejects.toThrow()
  await until(() => gate.state('acme').waiting === 0)
  expect(clock.sleeping()).toEqual([])
})

test('recordToolNode() answers a tool that does not exist with the names that do', async () => {
  const { tools } = await toolsTestbed(() => success(page))
  const out = await graphOf(tools).invoke(
    { messages: [asks({ name: 'delete_everything', args: {} })] },
    { configurable: { thread_id: 't' } },
  )
  const [message] = toolMessages(out.messages)
  expect(message?.artifact).toMatchObject({ error: { code: 'unknown_tool' } })
  expect(message?.content).toContain(`Use one of: ${listTool.name}, ${createTool.name}.`)
})

test('two agents on one account wait together: one 429 is enough for both', async () => {
  const { server, conn, clock, gate, tools } = await toolsTestbed(({ nth }) =>
    nth === 1 ? rateLimited(5) : success(page),
  )
  const others = await recordTools(conn, { account: 'acme', gate, clock, random: () => 0 })
  const run = (own: StructuredTool[], limit: string) =>
    graphOf(own).invoke(
      { messages: [asks({ name: listTool.name, args: { limit } })] },
      { configurable: { thread_id: limit } },
    )
  const first = run(tools, '1')
  await until(() => gate.opensInMs('acme') === 5000)
  const second = run(others, '2')
  await until(() => gate.state('acme').waiting === 2)
  await clock.advance(5000)
  await Promise.all([first, second])
  expect(server.calls.map((call) => call.args['limit'])).toEqual(['1', '1', '2'])
})

test('interruptAboveS stops the graph instead of the planner, and resuming makes the call', async () => {
  const { server, clock, tools } = await toolsTestbed(({ nth }) => (nth === 1 ? rateLimited(3600) : success(page)), {
    interruptAboveS: 600,
  })
  const model = fakeModel()
    .respondWithTools([{ name: listTool.name, args: {}, id: 'c1' }])
    .respond(new AIMessage('done'))
  const agent = createAgent({ model, tools, checkpointer: new MemorySaver() })
  const thread = { configurable: { thread_id: 't' } }
  const stopped = await agent.invoke({ messages: [{ role: 'user', content: 'who?' }] }, thread)
  expect(Reflect.get(stopped, '__interrupt__')).toMatchObject([
    { value: { kind: 'rate_limited', tool: listTool.name, account: 'acme', retryAfterS: 3600 } },
  ])
  expect(server.calls).toHaveLength(1)
  await clock.advance(3_600_000)
  const done = await agent.invoke(new Command({ resume: true }), thread)
  expect(toolMessages(done.messages)[0]?.content).toBe(JSON.stringify(page))
  expect(done.messages.at(-1)?.text).toBe('done')
  expect(server.calls).toHaveLength(2)
})
