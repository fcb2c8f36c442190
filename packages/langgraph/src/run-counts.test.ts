import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import {
  Annotation,
  Command,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph'
import { toolsCondition } from '@langchain/langgraph/prebuilt'
import { RateGate } from '@quartermaster/client'
import { fail } from '@quartermaster/protocol'
import { failure, listTool, type ScriptedAnswer, type SeenCall, success } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { connectedServer, page } from '../test/tools-testbed.ts'
import { recordToolNode } from './record-tool-node.ts'
import { type RecordToolsOptions, recordTools } from './record-tools.ts'

type Args = Record<string, unknown>
const Counted = Annotation.Root({ ...MessagesAnnotation.spec, same: Annotation<Args> })

/** A process: tools and a graph of its own over a server and a checkpointer that others share. */
async function setup(answer: (call: SeenCall) => ScriptedAnswer = () => success(page)) {
  const { server, conn } = await connectedServer(answer)
  const checkpointer = new MemorySaver()
  const tools = (options: Partial<RecordToolsOptions> = {}) =>
    recordTools(conn, { account: 'acme', gate: new RateGate({ random: () => 0 }), ...options })
  const build = async (options: Partial<RecordToolsOptions> = {}, turns = 10) =>
    new StateGraph(Counted)
      .addNode('plan', ({ messages, same }) => {
        const start = messages.findLastIndex((message) => HumanMessage.isInstance(message))
        const turn = messages.slice(start + 1).filter((message) => AIMessage.isInstance(message)).length
        const args = same ?? { limit: String(turn + 1) }
        const calls = [{ name: listTool.name, args, id: `c${messages.length}`, type: 'tool_call' as const }]
        return { messages: [new AIMessage({ content: '', tool_calls: turn < turns ? calls : [] })] }
      })
      .addNode('tools', recordToolNode(await tools(options)))
      .addEdge(START, 'plan')
      .addConditionalEdges('plan', toolsCondition)
      .addEdge('tools', 'plan')
      .compile({ checkpointer })
  return { server, tools, build }
}

const thread = (name: string, more: object = {}) => ({
  configurable: { thread_id: name },
  recursionLimit: 500,
  ...more,
})
const question = (text = 'go') => [new HumanMessage(text)]
const codes = (messages: readonly unknown[]) =>
  messages
    .filter((one): one is ToolMessage => ToolMessage.isInstance(one))
    .map(({ artifact, status }) => (status === 'error' ? artifact.error.code : 'ok'))

test('the same call ten times on one thread, each in a process of its own, is made three times', async () => {
  const { server, build } = await setup()
  const stops = thread('t', { interruptBefore: ['tools'] })
  await (await build()).invoke({ messages: question(), same: { limit: '1' } }, stops)
  let last: unknown[] = []
  for (let resume = 0; resume < 10; resume += 1) last = (await (await build()).invoke(null, stops)).messages
  expect(codes(last)).toEqual([...Array(3).fill('ok'), ...Array(7).fill('repeated_call')])
  expect(server.calls).toHaveLength(3)
})

test('a model that writes a number for a text makes the same call', async () => {
  const { server, build } = await setup()
  const graph = await build({}, 5)
  const { messages } = await graph.invoke({ messages: question(), same: { limit: 1 } }, thread('t'))
  expect(codes(messages)).toEqual([...Array(3).fill('ok'), ...Array(2).fill('repeated_call')])
  expect(server.calls[0]?.args).toEqual({ limit: '1' })
})

test('failures in a row are counted across resumes, and the refusals that follow are no calls', async () => {
  const { server, build } = await setup(() => failure(fail('not_found', 'No such record', 'Search first.')))
  const stops = thread('t', { interruptBefore: ['tools'] })
  await (await build()).invoke({ messages: question() }, stops)
  let last: unknown[] = []
  for (let resume = 0; resume < 8; resume += 1) last = (await (await build()).invoke(null, stops)).messages
  expect(codes(last)).toEqual([...Array(5).fill('not_found'), ...Array(3).fill('too_many_errors')])
  expect(server.calls).toHaveLength(5)
})

test('a new question begins a new run, and so does another thread', async () => {
  const { server, build } = await setup()
  const graph = await build({ runLimits: { maxCallsPerRun: 2 } }, 3)
  const first = await graph.invoke({ messages: question('one') }, thread('t'))
  expect(codes(first.messages)).toEqual(['ok', 'ok', 'call_budget_exhausted'])
  const second = await graph.invoke({ messages: question('two') }, thread('t'))
  expect(codes(second.messages).slice(3)).toEqual(['ok', 'ok', 'call_budget_exhausted'])
  await graph.invoke({ messages: question() }, thread('u'))
  expect(server.calls).toHaveLength(6)
})

test('runs of one compiled graph side by side share no count, with one gate and one set of tools', async () => {
  const { server, build } = await setup()
  const graph = await build({ runLimits: { maxCallsPerRun: 20 } }, 22)
  const runs = await Promise.all(
    Array.from({ length: 8 }, (_, nth) => graph.invoke({ messages: question() }, thread(`t${nth}`))),
  )
  for (const { messages } of runs) {
    expect(codes(messages)).toEqual([...Array(20).fill('ok'), ...Array(2).fill('call_budget_exhausted')])
  }
  expect(server.calls).toHaveLength(160)
})

test('an agent’s calls are counted from its conversation, side by side ones too, and without a checkpointer', async () => {
  const { server, tools } = await setup()
  const call = (id: string) => ({ name: listTool.name, args: { limit: '1' }, id })
  const model = fakeModel()
    .respondWithTools([call('a'), call('b'), call('c'), call('d')])
    .respondWithTools([call('e')])
    .respond(new AIMessage('done'))
  const { messages } = await createAgent({ model, tools: await tools() }).invoke({ messages: question() })
  expect(codes(messages)).toEqual(['ok', 'ok', 'ok', 'repeated_call', 'repeated_call'])
  expect(server.calls).toHaveLength(3)
})

test('plain code outside of a graph may call as often as it likes, on a thread or not', async () => {
  const { server, tools } = await setup()
  const [list] = await tools()
  for (let nth = 0; nth < 65; nth += 1) {
    expect(await list?.invoke({ limit: '1' }, nth % 2 === 0 ? undefined : thread('t'))).toBe(JSON.stringify(page))
  }
  expect(server.calls).toHaveLength(65)
})

test('a graph whose own nodes call the tools, without messages, is counted from start to end', async () => {
  const { server, tools } = await setup()
  const [list] = await tools()
  const Texts = Annotation.Root({ texts: Annotation<string[]> })
  const graph = new StateGraph(Texts)
    .addNode('read', async (_, config: LangGraphRunnableConfig) => {
      const texts: string[] = []
      for (let nth = 0; nth < 4; nth += 1) texts.push(String(await list?.invoke({ limit: '1' }, config)))
      return { texts }
    })
    .addEdge(START, 'read')
    .compile()
  for (const run of [1, 2]) {
    const { texts } = await graph.invoke({ texts: [] })
    expect(texts[2]).toBe(JSON.stringify(page))
    expect(texts[3]).toContain('repeated_call')
    expect(server.calls).toHaveLength(3 * run)
  }
})

test('a person’s no is no failure of the tool', async () => {
  const refused = fail('approval_required', 'Cannot yet', 'Wait.')
  const approval = {
    handle: 'apr_1',
    expires_at: '2030-01-01T00:00:00.000Z',
    approved_by: 'caller' as const,
    action: 'list',
    changes: [],
  }
  const { build, server } = await setup(({ nth }) => (nth > 4 ? success(page) : failure({ ...refused, approval })))
  const graph = await build({ approveWrites: true, runLimits: { maxErrorsInRow: 1 } }, 3)
  let state = await graph.invoke({ messages: question() }, thread('t'))
  const no = { approve: false, handle: 'apr_1' }
  for (let asked = 0; asked < 2; asked += 1) state = await graph.invoke(new Command({ resume: no }), thread('t'))
  expect(codes(state.messages)).toEqual(['approval_refused', 'approval_refused', 'ok'])
  expect(server.calls).toHaveLength(5)
})

const asking = (...calls: { name: string; args: Args }[]) =>
  new AIMessage({ content: '', tool_calls: calls.map((one, nth) => ({ ...one, id: `c${nth}`, type: 'tool_call' })) })

test('recordToolNode() types what a third-party tool throws, without its stack, and lets an interrupt through', async () => {
  const boom = tool(
    () => {
      throw new Error('boom at /srv/app.js\n    at run (/srv/app.js:3:7)')
    },
    { name: 'boom', description: 'd', schema: z.object({}) },
  )
  const strict = tool(() => 'fine', { name: 'strict', description: 'd', schema: z.object({ id: z.string() }) })
  const careful = tool(() => `said ${interrupt('sure?')}`, { name: 'careful', description: 'd', schema: z.object({}) })
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode([boom, strict, careful]))
    .addEdge(START, 'tools')
    .compile({ checkpointer: new MemorySaver() })
  const out = await graph.invoke(
    { messages: [asking({ name: 'boom', args: {} }, { name: 'strict', args: { id: 1 } })] },
    thread('t'),
  )
  const [thrown, misfit] = out.messages.filter((one): one is ToolMessage => ToolMessage.isInstance(one))
  expect(JSON.parse(thrown?.text ?? '').error).toMatchObject({ code: 'tool_error', message: 'boom', attempts: 1 })
  expect(thrown).toMatchObject({ status: 'error', tool_call_id: 'c0', artifact: { error: { code: 'tool_error' } } })
  expect(thrown?.text).not.toMatch(/srv|app\.js|Please fix/)
  expect(JSON.parse(misfit?.text ?? '').error).toMatchObject({ code: 'invalid_arguments', status: 400 })

  const asked = await graph.invoke({ messages: [asking({ name: 'careful', args: {} })] }, thread('u'))
  expect(Reflect.get(asked, '__interrupt__')).toMatchObject([{ value: 'sure?' }])
  const said = await graph.invoke(new Command({ resume: 'yes' }), thread('u'))
  expect(said.messages.at(-1)?.text).toBe('said yes')
})

test('recordToolNode() counts third-party tools too, unless it is told not to', async () => {
  let calls = 0
  const count = () => {
    calls += 1
    return String(calls)
  }
  const look = tool(count, { name: 'look', description: 'd', schema: z.object({}) })
  const run = async (options = {}) => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('tools', recordToolNode([look], options))
      .addEdge(START, 'tools')
      .compile()
    const same = { name: 'look', args: {} }
    return codes((await graph.invoke({ messages: [asking(same, same, same, same)] })).messages)
  }
  expect(await run()).toEqual(['ok', 'ok', 'ok', 'repeated_call'])
  expect(calls).toBe(3)
  expect(await run({ runLimits: { maxSameCall: 1 } })).toEqual(['ok', ...Array(3).fill('repeated_call')])
  expect(await run({ runLimits: false })).toEqual(Array(4).fill('ok'))
})
