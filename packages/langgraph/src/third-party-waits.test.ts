import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { loadMcpTools } from '@langchain/mcp-adapters'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { RateGate } from '@quartermaster/client'
import { TestClock } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, onTestFinished, test } from 'vitest'
import { startThirdPartyServer } from '../test/third-party-server.ts'
import { rateLimit } from './rate-limit.ts'
import { rateLimitAware } from './rate-limit-aware.ts'
import { recordToolNode } from './record-tool-node.ts'

type Options = Awaited<ReturnType<typeof setup>>['options']
const calls = [{ name: 'busy', args: {}, id: 'c1', type: 'tool_call' as const }]

/** An agent with the middleware, over a client that knows nothing of it. */
async function byMiddleware(client: Client, options: Options) {
  const tools = await loadMcpTools('weather', client as never)
  const model = fakeModel().respondWithTools(calls).respond(new AIMessage('done'))
  const agent = createAgent({ model, tools, middleware: [rateLimit(options)] })
  return (await agent.invoke({ messages: [{ role: 'user', content: 'how windy?' }] })).messages
}

/** A graph with a plain node of tools, over a wrapped client. */
async function byClient(client: Client, options: Options) {
  const tools = await loadMcpTools('weather', rateLimitAware(client, options) as never)
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'tools')
    .compile()
  return (await graph.invoke({ messages: [new AIMessage({ content: '', tool_calls: calls })] })).messages
}

const ways = [
  ['rateLimit()', byMiddleware],
  ['rateLimitAware()', byClient],
] as const

/** Refuses so many times with these words, then answers. */
async function setup(words: string, refusals: number) {
  let asked = 0
  const server = await startThirdPartyServer((mcp) => {
    mcp.registerTool('busy', {}, () => {
      asked += 1
      const isError = asked <= refusals
      return { content: [{ type: 'text', text: isError ? words : 'Calm' }], isError }
    })
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)) as never)
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  const clock = new TestClock()
  const gate = new RateGate({ clock, random: () => 0 })
  const options = { account: 'weather', gate, clock, random: () => 0 }
  return { client, clock, options, asked: () => asked }
}

/** Nobody moves the clock, so whoever waits is found out by the test's own end. */
const timeout = 10_000

test.each(ways)(
  '%s reports a third-party quota that is back in 30 days at once, typed',
  { timeout },
  async (_name, run) => {
    const { client, clock, options, asked } = await setup('429 Too Many Requests. Retry after 2592000 seconds.', 9)
    const answer = (await run(client, options)).find((message) => ToolMessage.isInstance(message))
    expect(answer?.status).toBe('error')
    const error = { code: 'rate_limited', status: 429, retryAfterS: 2_592_000 }
    expect(answer?.artifact).toMatchObject({ error: { ...error, message: expect.stringContaining('Retry after') } })
    expect(answer?.text).toContain('"retry_after_s":2592000')
    // The others on the account hear of it without asking.
    const next = (await run(client, options)).find((message) => ToolMessage.isInstance(message))
    expect(next?.artifact).toMatchObject({ error: { ...error, message: expect.stringContaining('was not sent') } })
    expect(asked()).toBe(1)
    expect(clock.sleeping()).toEqual([])
  },
)

test.each(ways)('%s goes on at once where a third-party wait is over already', { timeout }, async (_name, run) => {
  const { client, clock, options, asked } = await setup('429 Too Many Requests. Retry after 0 seconds.', 3)
  const answer = (await run(client, options)).find((message) => ToolMessage.isInstance(message))
  expect(answer).toMatchObject({ status: 'success', text: 'Calm' })
  expect(asked()).toBe(4)
  expect(clock.sleeping()).toEqual([])
})
