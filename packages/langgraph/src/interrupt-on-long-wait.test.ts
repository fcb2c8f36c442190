import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { Annotation, Command, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { listTool, rateLimited, success } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { page, toolsTestbed } from '../test/tools-testbed.ts'
import { interruptOnLongWait } from './interrupt-on-long-wait.ts'
import { recordTools } from './record-tools.ts'

const thread = { configurable: { thread_id: 't' } }
/** Refused once, for four seconds. */
const setup = () => toolsTestbed(({ nth }) => (nth === 1 ? rateLimited(4) : success(page)), { interruptAboveS: 1 })

const interruptsIn = (state: object) => Reflect.get(state, '__interrupt__')
const longWait = { kind: 'rate_limited', tool: listTool.name, account: 'acme', retryAfterS: 4 }

test('interruptAboveS below giveUpAboveS interrupts at once, and waits for nothing first', async () => {
  const { server, conn, clock, options } = await setup()
  const model = fakeModel()
    .respondWithTools([{ name: listTool.name, args: {}, id: 'c1' }])
    .respond(new AIMessage('done'))
  const agent = createAgent({ model, tools: await recordTools(conn, options), checkpointer: new MemorySaver() })
  const state = await agent.invoke({ messages: [{ role: 'user', content: 'who?' }] }, thread)
  expect(interruptsIn(state)).toMatchObject([{ value: longWait }])
  expect(clock.sleeping()).toEqual([])
  expect(server.calls).toHaveLength(1)
  await clock.advance(4000)
  const done = await agent.invoke(new Command({ resume: true }), thread)
  expect(done.messages.find((message) => ToolMessage.isInstance(message))?.text).toBe(JSON.stringify(page))
  expect(server.calls).toHaveLength(2)
})

test('a call that meets the long wait of another is interrupted as well, without a request', async () => {
  const { server, conn, options } = await setup()
  const tools = await recordTools(conn, options)
  const agentOf = () =>
    createAgent({
      model: fakeModel().respondWithTools([{ name: listTool.name, args: {}, id: 'c1' }]),
      tools,
      checkpointer: new MemorySaver(),
    })
  const ask = { messages: [{ role: 'user', content: 'who?' }] }
  await agentOf().invoke(ask, thread)
  expect(interruptsIn(await agentOf().invoke(ask, thread))).toMatchObject([{ value: longWait }])
  expect(server.calls).toHaveLength(1)
})

test('interruptOnLongWait() interrupts a node of one’s own, and resuming makes the call', async () => {
  const { server, conn, clock, options } = await setup()
  const graph = new StateGraph(Annotation.Root({ text: Annotation<string> }))
    .addNode('read', async () => {
      const outcome = await interruptOnLongWait(conn, listTool, {}, options)
      return { text: outcome.ok ? outcome.text : outcome.error.code }
    })
    .addEdge(START, 'read')
    .compile({ checkpointer: new MemorySaver() })
  const state = await graph.invoke({ text: '' }, thread)
  expect(interruptsIn(state)).toMatchObject([{ value: longWait }])
  // Too early: nothing is lost but the answer, and the graph is interrupted again.
  expect(interruptsIn(await graph.invoke(new Command({ resume: 'now?' }), thread))).toMatchObject([{ value: longWait }])
  await clock.advance(4000)
  expect((await graph.invoke(new Command({ resume: true }), thread)).text).toBe(JSON.stringify(page))
  expect(server.calls).toHaveLength(2)
})
