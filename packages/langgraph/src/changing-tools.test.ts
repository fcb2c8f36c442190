import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import type { StructuredTool } from '@langchain/core/tools'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { toolsCondition } from '@langchain/langgraph/prebuilt'
import { loadMcpTools } from '@langchain/mcp-adapters'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { connect, RateGate } from '@quartermaster/client'
import { fail } from '@quartermaster/protocol'
import { failure, listTool, type SeenCall, startTestServer, success } from '@quartermaster/testing'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startThirdPartyServer } from '../test/third-party-server.ts'
import { rateLimitAware } from './rate-limit-aware.ts'
import { recordToolNode } from './record-tool-node.ts'
import { recordTools } from './record-tools.ts'

const AGAIN = 'the tools must be listed again'
const envelope = { result: [{ id: '1' }], next_cursor: null, result_count: 1 }

/** Calls the tool three times; what `between` does happens after the first call and after the second. */
async function run(tools: StructuredTool[], name: string, between: (call: number) => void) {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('plan', ({ messages }) => {
      const turn = messages.filter((message) => ToolMessage.isInstance(message)).length
      if (turn > 0) between(turn)
      const calls = [{ name, args: { limit: String(turn + 1) }, id: `c${turn}`, type: 'tool_call' as const }]
      return { messages: [new AIMessage({ content: turn < 3 ? '' : 'done', tool_calls: turn < 3 ? calls : [] })] }
    })
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'plan')
    .addConditionalEdges('plan', toolsCondition)
    .addEdge('tools', 'plan')
    .compile()
  const { messages } = await graph.invoke({ messages: [new HumanMessage('go')] })
  expect(messages.at(-1)?.text).toBe('done')
  return messages.filter((message): message is ToolMessage => ToolMessage.isInstance(message))
}

test('a server of ours whose tool takes other arguments, and then is gone, is answered each time, and the run ends', async () => {
  const offered = [{ ...listTool }]
  const answer = ({ name, args }: SeenCall) => {
    const tool = offered.find((one) => one.name === name)
    if (!tool)
      return failure(fail('unknown_tool', 'Cannot call the tool: there is none.', 'Choose a tool from the list.'))
    const missing = tool.inputSchema.required?.filter((argument) => !(argument in args)) ?? []
    if (missing.length === 0) return success(envelope)
    return failure(fail('invalid_arguments', `Cannot read the arguments: ${missing} is missing.`, `Give ${missing}.`))
  }
  const server = await startTestServer(answer, offered)
  const conn = await connect(server.url)
  onTestFinished(async () => {
    await conn.close()
    await server.close()
  })
  const tools = await recordTools(conn, { account: 'acme', gate: new RateGate() })
  const [first, second, third] = await run(tools, listTool.name, (call) => {
    const schema = { ...listTool.inputSchema, required: ['pipeline'] }
    if (call === 1) offered.splice(0, 1, { ...listTool, description: 'By pipeline.', inputSchema: schema })
    else offered.splice(0)
  })
  expect(first?.status).toBe('success')
  expect(second?.artifact.error).toMatchObject({ code: 'invalid_arguments', attempts: 1 })
  expect(second?.artifact.error.advice).toMatch(/^Give pipeline\. Should the call fit the description/)
  expect(second?.text).toContain(AGAIN)
  expect(third?.artifact.error).toMatchObject({ code: 'unknown_tool', attempts: 1 })
  expect(third?.text).toContain(AGAIN)
  expect(server.calls).toHaveLength(3)
})

test('a server of somebody else that does the same is answered the same', async () => {
  let offers: 'text' | 'number' | 'nothing' = 'text'
  const server = await startThirdPartyServer((mcp) => {
    const annotations = { readOnlyHint: true }
    const seen = { content: [{ type: 'text' as const, text: 'seen' }] }
    // With no tool at all the server would not even know the question.
    mcp.registerTool('other', { annotations }, () => seen)
    if (offers === 'text') mcp.registerTool('look', { annotations, inputSchema: { limit: z.string() } }, () => seen)
    if (offers === 'number') mcp.registerTool('look', { annotations, inputSchema: { top: z.number() } }, () => seen)
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)) as never)
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  const aware = rateLimitAware(client, { account: 'acme', gate: new RateGate() })
  const answers = await run(await loadMcpTools('other', aware as never), 'look', (call) => {
    offers = call === 1 ? 'number' : 'nothing'
  })
  expect(answers.map(({ status }) => status)).toEqual(['success', 'error', 'error'])
  expect(answers[0]?.text).toBe('seen')
  for (const { artifact, text } of answers.slice(1)) {
    expect(artifact.error).toMatchObject({ code: 'invalid_arguments' })
    expect(text).toContain(AGAIN)
  }
  expect(answers[1]?.text).toContain('top')
  expect(answers[2]?.text).toContain('look not found')
})
