import { type ToolRuntime, tool } from '@langchain/core/tools'
import { Command, interrupt, MemorySaver } from '@langchain/langgraph'
import { connect, RateGate } from '@quartermaster/client'
import { recordTools } from '@quartermaster/langgraph'
import { startTestServer, success, TestClock } from '@quartermaster/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { scriptedModel } from './scripted-model.ts'
import { watch } from './watch.ts'

const inputs = z.object({ quarter: z.string() })

/** Asks each tool it has once, then answers. */
const model = scriptedModel(({ results, tools, question }) => {
  const [next] = tools.filter((name) => !results.some((result) => result.name === name))
  if (next === undefined) return `answer to ${question.split('\n', 1)[0]}`
  return { calls: [{ name: next, args: next.startsWith('ask_') ? { question: 'How many?' } : {} }] }
})

const deals = tool(
  (_args, config: ToolRuntime) => {
    const call = { tool: 'list_deals', account: 'acc_1', toolCallId: config.toolCallId }
    config.writer?.({ ...call, type: 'tool_call' })
    config.writer?.({ ...call, type: 'rate_limited', attempt: 1, waitMs: 4000, retryAfterS: 4 })
    config.writer?.({ ...call, type: 'tool_result', ok: true, attempts: 2, ms: 4100 })
    config.writer?.({
      type: 'quota',
      account: 'acc_1',
      status: 200,
      scope: 'ten-secondly',
      limit: 110,
      remaining: 9,
      reset: 7,
    })
    config.writer?.({ type: 'quota', account: 'acc_1', status: 200, scope: 'search', limit: 5, remaining: 4, reset: 1 })
    return '{"result":[]}'
  },
  { name: 'list_deals', description: 'Lists deals', schema: z.object({}) },
)

const review = () =>
  crew('review', { model, inputs })
    .agent('analyst', { role: 'an analyst', goal: 'numbers', tools: [deals] })
    .agent('lead', { role: 'the lead', goal: 'a memo', delegates: ['analyst'] })
    .task('numbers', { agent: 'analyst', prompt: 'count' })
    .task('memo', { agent: 'lead', prompt: 'write' })

function sink(isTTY: boolean) {
  const texts: string[] = []
  return { texts, isTTY, columns: 100, rows: 24, write: (text: string) => texts.push(text) }
}

test('watch() prints plain lines where there is no terminal: agents, tools, waits, and what it took', async () => {
  const output = sink(false)
  const done = await watch(review().compile(), { inputs: { quarter: 'Q3' } }, { output, clock: new TestClock() })
  expect(output.texts.join('')).toBe(
    [
      'numbers: analyst starts',
      'numbers: analyst calls list_deals',
      'acc_1: the rate limit is met; all its calls wait 0:04',
      'numbers: analyst is done',
      'memo: lead starts',
      'memo: lead calls ask_analyst',
      'memo: analyst calls list_deals',
      'memo: lead is done',
      'review is done after 0:00: 6 model calls · 2 tool calls · rate-limited 2×',
      '',
    ].join('\n'),
  )
  expect(done.state.out).toEqual({ numbers: 'answer to count', memo: 'answer to write' })
  expect(done.interrupts).toEqual([])
  expect(done.counts).toMatchObject({ modelCalls: 6, toolCalls: 2, rateLimited: 2 })
  expect(done.state.usage.modelCalls).toBe(done.counts.modelCalls)
  expectTypeOf(done.state.out.memo).toEqualTypeOf<string>()
})

test('watch() redraws a picture on a terminal and leaves its last state behind', async () => {
  const output = sink(true)
  await watch(review().compile(), { inputs: { quarter: 'Q3' } }, { output, clock: new TestClock() })
  const last = (output.texts.at(-1) ?? '').replace('\u001b[1F\u001b[J', '').split('\n')
  expect(last[0]).toBe('review  0:00  6 model calls · 2 tool calls · rate-limited 2×')
  expect(last.slice(1)).toEqual([
    '  ✓ numbers  analyst  done in 0:00, 2 model calls',
    '  ✓ memo     lead  done in 0:00, 4 model calls',
    '  acc_1 ten-secondly: 9 of 110 calls left, full again in 0:07',
    '  acc_1 search: 4 of 5 calls left, full again in 0:01',
    '',
  ])
  expect(output.texts.at(-1)?.startsWith('\u001b[1F\u001b[J')).toBe(true)
})

test('watch() is silent when asked, counts all the same, and tells every event', async () => {
  const output = sink(true)
  const types: string[] = []
  const onEvent = ({ type }: { type: string }) => types.push(type)
  const done = await watch(review().compile(), { inputs: { quarter: 'Q3' } }, { output, mode: 'quiet', onEvent })
  expect(output.texts).toEqual([])
  expect(done.counts.toolCalls).toBe(2)
  expect(types.filter((type) => type === 'task_ended')).toHaveLength(2)
})

test('watch() goes on when its listener throws or rejects, and says so', async () => {
  for (const onEvent of [
    () => {
      throw new Error('display gone')
    },
    () => Promise.reject(new Error('display gone')),
  ]) {
    const output = sink(false)
    const options = { output, clock: new TestClock(), onEvent }
    const { state } = await watch(review().compile(), { inputs: { quarter: 'Q3' } }, options)
    expect(state.out).toEqual({ numbers: 'answer to count', memo: 'answer to write' })
    expect(output.texts.at(-1)).toMatch(/^review: onEvent failed \d+×; the run went on without it\n$/)
  }
})

test('watch() shows and tells a request of a real tool that takes longer than its slaMs', async () => {
  const server = await startTestServer(() => success({ result: [], next_cursor: null, result_count: 0 }))
  const conn = await connect(server.url)
  // Every request takes longer than no time at all.
  const tools = await recordTools(conn, { account: 'acc_1', gate: new RateGate(), policy: { slaMs: Number.MIN_VALUE } })
  const graph = crew('slow', { model, inputs })
    .agent('a', { role: 'a', goal: 'a', tools })
    .task('memo', { agent: 'a', prompt: 'write' })
    .compile()
  const output = sink(false)
  const types: string[] = []
  const onEvent = ({ type }: { type: string }) => types.push(type)
  const { counts } = await watch(graph, { inputs: { quarter: 'Q3' } }, { output, onEvent })
  await conn.close()
  await server.close()
  expect(counts.slow).toBe(1)
  expect(types).toContain('sla_exceeded')
  expect(output.texts.join('')).toMatch(/^acc_1: list_\w+ took \d+\.\d s, more than 0\.0 s$/m)
  expect(output.texts.at(-1)).toContain('slow 1×')
})

test('watch() returns what the graph waits for, and goes on from there when it is resumed', async () => {
  const approve = tool(() => String(interrupt({ kind: 'approval' })), {
    name: 'approve',
    description: 'Asks a person',
    schema: z.object({}),
  })
  const graph = crew('asking', { model, inputs })
    .agent('a', { role: 'a', goal: 'a', tools: [approve] })
    .task('memo', { agent: 'a', prompt: 'write', review: true })
    .compile({ checkpointer: new MemorySaver() })
  const output = sink(false)
  const options = { output, config: { configurable: { thread_id: 't' } }, clock: new TestClock() }
  const first = await watch(graph, { inputs: { quarter: 'Q3' } }, options)
  expect(first.interrupts).toEqual([{ kind: 'approval' }])
  expect(output.texts.at(-1)).toContain('asking waits for an answer')
  const second = await watch(graph, new Command({ resume: 'yes' }), options)
  expect(second.interrupts).toEqual([{ crew: 'asking', task: 'memo', answer: 'answer to write' }])
  const third = await watch(graph, new Command({ resume: { approve: true } }), options)
  expect(third.interrupts).toEqual([])
  expect(third.state.out.memo).toBe('answer to write')
})

test('watch() finishes its picture before a fault of the graph comes through', async () => {
  const output = sink(true)
  const failing = crew('failing', { model, inputs })
    .agent('a', { role: 'a', goal: 'a' })
    .task('memo', { agent: 'a', prompt: 'write', guardRetries: 0, guard: () => 'No' })
  await expect(
    watch(failing.compile(), { inputs: { quarter: 'Q' } }, { output, clock: new TestClock() }),
  ).rejects.toThrow('Cannot finish task "memo"')
  expect(output.texts.at(-1)).toContain('✗ memo  a  gave up in 0:00, 1 model call')
})
