import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { Command, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { loadMcpTools } from '@langchain/mcp-adapters'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { RateGate } from '@quartermaster/client'
import { fail } from '@quartermaster/protocol'
import { failure, listTool, rateLimited, startTestServer, success, TestClock, until } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { rateLimit } from './rate-limit.ts'
import { recordToolNode } from './record-tool-node.ts'
import type { RateLimitOptions } from './third-party-tool.ts'

const page = { result: [{ id: '1' }], next_cursor: null, result_count: 1 }
const ask = { messages: [{ role: 'user', content: 'who?' }] }

function setUp(more: Partial<RateLimitOptions> = {}) {
  const clock = new TestClock()
  const gate = new RateGate({ clock, random: () => 0 })
  return { clock, gate, middleware: rateLimit({ account: 'acme', gate, clock, random: () => 0, ...more }) }
}

const calling = (name: string, times = 1) => {
  const model = fakeModel()
  for (let nth = 0; nth < times; nth += 1) model.respondWithTools([{ name, args: {}, id: `c${nth}` }])
  return model.respond(new AIMessage('done'))
}

const answerOf = (messages: readonly unknown[]) => messages.find((message) => ToolMessage.isInstance(message))

test('rateLimit() waits out a 429 that the adapters throw as a sentence, and gives the answer as it came', async () => {
  const server = await startTestServer(({ nth }) => (nth === 1 ? rateLimited(7) : success(page)))
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)) as never)
  const tools = await loadMcpTools('crm', client as never)
  const { clock, gate, middleware } = setUp()
  const run = createAgent({ model: calling(listTool.name), tools, middleware: [middleware] }).invoke(ask)
  await until(() => clock.sleeping().includes(7_000))
  expect(gate.opensInMs('acme')).toBe(7_000)
  await clock.advance(7_000)
  expect(answerOf((await run).messages)?.text).toBe(JSON.stringify(page))
  expect(server.calls).toHaveLength(2)
  await client.close()
  await server.close()
})

test('rateLimit() makes a message of what a tool throws, and repeats nothing that may have happened', async () => {
  let calls = 0
  const broken = tool(
    () => {
      calls += 1
      throw new Error(`Error calling tool: ${JSON.stringify({ error: fail('timeout', 'Late', 'Wait.') })}`)
    },
    { name: 'create_deal', description: 'd', schema: z.object({}) },
  )
  const { middleware } = setUp()
  const out = await createAgent({ model: calling('create_deal'), tools: [broken], middleware: [middleware] }).invoke(
    ask,
  )
  expect(calls).toBe(1)
  expect(answerOf(out.messages)).toMatchObject({ status: 'error', tool_call_id: 'c0' })
  expect(answerOf(out.messages)?.artifact).toMatchObject({ error: { code: 'timeout', attempts: 1 } })
})

test('rateLimit() tries a tool again that may be repeated, and gives up after four attempts', async () => {
  let calls = 0
  const busy = tool(
    () => {
      calls += 1
      throw new Error('HTTP 429 Too Many Requests')
    },
    { name: 'search', description: 'd', schema: z.object({}) },
  )
  const { clock, middleware } = setUp()
  const run = createAgent({ model: calling('search'), tools: [busy], middleware: [middleware] }).invoke(ask)
  for (let wait = 0; wait < 3; wait += 1) {
    await until(() => clock.sleeping().includes(2_000))
    await clock.advance(2_000)
  }
  expect(answerOf((await run).messages)?.artifact).toMatchObject({ error: { code: 'rate_limited', attempts: 4 } })
  expect(calls).toBe(4)
})

test('rateLimit() lets an interrupt through, and a success untouched', async () => {
  const careful = tool(() => `said ${interrupt('sure?')}`, { name: 'careful', description: 'd', schema: z.object({}) })
  const { middleware } = setUp()
  const agent = createAgent({
    model: calling('careful'),
    tools: [careful],
    middleware: [middleware],
    checkpointer: new MemorySaver(),
  })
  const thread = { configurable: { thread_id: 't' } }
  expect(Reflect.get(await agent.invoke(ask, thread), '__interrupt__')).toMatchObject([{ value: 'sure?' }])
  const out = await agent.invoke(new Command({ resume: 'yes' }), thread)
  expect(answerOf(out.messages)?.text).toBe('said yes')
})

test('rateLimit() tells accounts apart by tool, and shows a result that is an error for what it is', async () => {
  const server = await startTestServer(() => failure(fail('not_found', 'No such record', 'Search first.')))
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)) as never)
  const tools = await loadMcpTools('crm', client as never)
  const accounts: string[] = []
  const { middleware } = setUp({
    account: (name) => `acc_${name.length}`,
    onEvent: ({ account }) => accounts.push(account),
  })
  const out = await createAgent({ model: calling(listTool.name), tools, middleware: [middleware] }).invoke(ask)
  expect(answerOf(out.messages)?.artifact).toMatchObject({ error: { code: 'not_found', advice: 'Search first.' } })
  expect(new Set(accounts)).toEqual(new Set([`acc_${listTool.name.length}`]))
  await client.close()
  await server.close()
})

/** Never answers; notes whether it was told to stop. */
function hanging(name: string, readOnlyHint: boolean) {
  const stopped: boolean[] = []
  const hang = tool(
    (_, { signal }: { signal?: AbortSignal }) => {
      const nth = stopped.push(false) - 1
      signal?.addEventListener('abort', () => {
        stopped[nth] = true
      })
      return new Promise<string>(() => undefined)
    },
    { name, description: 'd', schema: z.object({}), metadata: { annotations: { readOnlyHint } } },
  )
  return { hang, stopped }
}

test('rateLimit() gives a tool that hangs policy.timeoutMs an attempt, and tells it to stop', async () => {
  const { hang, stopped } = hanging('search', true)
  const { clock, gate, middleware } = setUp({ policy: { timeoutMs: 100, maxAttempts: 2 } })
  const run = createAgent({ model: calling('search'), tools: [hang], middleware: [middleware] }).invoke(ask)
  for (const ms of [100, 500, 100]) {
    await until(() => clock.sleeping().includes(ms))
    await clock.advance(ms)
  }
  expect(answerOf((await run).messages)?.artifact).toMatchObject({ error: { code: 'timeout', attempts: 2 } })
  expect(stopped).toEqual([true, true])
  expect(gate.state('acme').inFlight).toBe(0)
})

test('rateLimit() repeats no write that hangs, and says that nobody knows whether it happened', async () => {
  const { hang, stopped } = hanging('create_deal', false)
  const { clock, middleware } = setUp({ policy: { timeoutMs: 100 } })
  const run = createAgent({ model: calling('create_deal'), tools: [hang], middleware: [middleware] }).invoke(ask)
  await until(() => clock.sleeping().includes(100))
  await clock.advance(100)
  expect(answerOf((await run).messages)?.artifact).toMatchObject({ error: { code: 'outcome_unknown', attempts: 1 } })
  expect(stopped).toEqual([true])
})

test('rateLimit() stops an agent that runs in circles, unless it is told not to', async () => {
  const codes = async (more: Partial<RateLimitOptions>) => {
    const look = tool(() => 'seen', { name: 'look', description: 'd', schema: z.object({}) })
    const { middleware } = setUp(more)
    const { messages } = await createAgent({
      model: calling('look', 5),
      tools: [look],
      middleware: [middleware],
    }).invoke(ask)
    const answers = messages.filter((one): one is ToolMessage => ToolMessage.isInstance(one))
    return answers.map(({ status, artifact }) => (status === 'error' ? artifact.error.code : 'ok'))
  }
  expect(await codes({})).toEqual(['ok', 'ok', 'ok', 'repeated_call', 'repeated_call'])
  expect(await codes({ runLimits: { maxCallsPerRun: 1 } })).toEqual(['ok', ...Array(4).fill('call_budget_exhausted')])
  expect(await codes({ runLimits: false })).toEqual(Array(5).fill('ok'))
})

test('rateLimit() keeps no place at the gate for a graph that an interrupt has stopped', async () => {
  const careful = tool(() => `said ${interrupt('sure?')}`, { name: 'careful', description: 'd', schema: z.object({}) })
  const { gate, middleware } = setUp()
  const tools = { tools: [careful], middleware: [middleware], checkpointer: new MemorySaver() }
  await createAgent({ model: calling('careful'), ...tools }).invoke(ask, { configurable: { thread_id: 't' } })
  expect(gate.state('acme').inFlight).toBe(0)
})

test('recordToolNode() with a gate has third-party tools wait like rateLimit()', async () => {
  let calls = 0
  const busy = tool(
    () => {
      calls += 1
      if (calls === 1) throw new Error('429 Too Many Requests, Retry-After: 7')
      return 'free'
    },
    { name: 'search', description: 'd', schema: z.object({}) },
  )
  const { hang, stopped } = hanging('stuck', false)
  const { clock, gate } = setUp()
  const policy = { timeoutMs: 100 }
  const node = recordToolNode([busy, hang], { account: 'acme', gate, clock, random: () => 0, policy })
  const graph = new StateGraph(MessagesAnnotation).addNode('tools', node).addEdge(START, 'tools').compile()
  const run = async (name: string) => {
    const call = { name, args: {}, id: 'c1', type: 'tool_call' as const }
    return answerOf((await graph.invoke({ messages: [new AIMessage({ content: '', tool_calls: [call] })] })).messages)
  }
  const waits = run('search')
  await until(() => clock.sleeping().includes(7_000))
  await clock.advance(7_000)
  expect((await waits)?.text).toBe('free')
  const hangs = run('stuck')
  await until(() => clock.sleeping().includes(100))
  await clock.advance(100)
  expect((await hangs)?.artifact).toMatchObject({ error: { code: 'outcome_unknown', attempts: 1 } })
  expect(stopped).toEqual([true])
})
