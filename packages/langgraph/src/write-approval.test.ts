import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { Command, MemorySaver } from '@langchain/langgraph'
import { fail } from '@quartermaster/protocol'
import { createTool, failure, rateLimited, type SeenCall, success } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { toolsTestbed } from '../test/tools-testbed.ts'
import type { RecordToolsOptions } from './record-tools.ts'

const APPROVAL = 'quartermaster/approval'
const changes = [{ field: 'email', to: 'jane@acme.com' }]

/** Answers as the server does: asks for an approval until the call carries one. */
function reserved({ meta, nth }: SeenCall) {
  const handle = `apr_${nth}`
  if (typeof meta[APPROVAL] === 'string') return success({ result: { id: '1' } })
  const expires_at = '2030-01-01T00:00:00.000Z'
  const approval = { handle, expires_at, approved_by: 'caller' as const, action: 'create a new contact', changes }
  return failure({ ...fail('approval_required', 'Cannot create a new contact yet', 'Wait.'), approval })
}

async function start(options: Partial<RecordToolsOptions>, answer = reserved) {
  const { server, clock, tools } = await toolsTestbed(answer, options)
  const model = fakeModel()
    .respondWithTools([{ name: createTool.name, args: { email: 'jane@acme.com' }, id: 'c1' }])
    .respond(new AIMessage('done'))
  const agent = createAgent({ model, tools, checkpointer: new MemorySaver() })
  const thread = { configurable: { thread_id: 't' } }
  const read = (state: { messages: unknown[] }) => ({
    asked: z
      .array(z.object({ value: z.looseObject({ kind: z.string() }) }))
      .parse(Reflect.get(state, '__interrupt__') ?? [])[0]?.value,
    message: state.messages.find((one): one is ToolMessage => ToolMessage.isInstance(one)),
  })
  const first = read(await agent.invoke({ messages: [{ role: 'user', content: 'add jane' }] }, thread))
  const resume = async (value: unknown) => read(await agent.invoke(new Command({ resume: value }), thread))
  const approvals = () => server.calls.map(({ meta }) => meta[APPROVAL])
  return { server, first, resume, approvals, clock }
}

test('approveWrites stops the graph with what would change, and a yes makes the write with the handle', async () => {
  const { server, first, resume, approvals } = await start({ approveWrites: true })
  expect(first.asked).toMatchObject({
    kind: 'approval',
    tool: createTool.name,
    account: 'acme',
    approval: { handle: 'apr_1', changes },
  })
  const { message } = await resume({ approve: true, handle: 'apr_1' })
  expect(message?.status).toBe('success')
  expect(approvals()).toEqual([undefined, undefined, 'apr_1'])
  const keys = server.calls.map(({ meta }) => meta['quartermaster/idempotency-key'])
  expect(new Set(keys).size).toBe(1)
})

test('a refusal that names the question is read by the model, with its reason', async () => {
  const { resume, approvals } = await start({ approveWrites: true })
  const reason = `not our customer ${'x'.repeat(600)}`
  const { message } = await resume({ approve: false, handle: 'apr_1', reason })
  expect(message?.status).toBe('error')
  expect(message?.text).toContain('approval_refused')
  expect(message?.text).toContain('not our customer')
  expect(approvals().every((handle) => handle === undefined)).toBe(true)
})

test.each([true, 'yes', { approve: true }, { approve: false }, { approve: 'true', handle: 'apr_1' }])(
  'an answer that names no question answers none, and the person is asked again: %j',
  async (given) => {
    const { resume, approvals } = await start({ approveWrites: true })
    const { asked, message } = await resume(given)
    expect(message).toBeUndefined()
    expect(asked).toMatchObject({ kind: 'approval', approval: { handle: 'apr_2' } })
    expect(approvals()).toEqual([undefined, undefined])
    expect((await resume({ approve: true, handle: 'apr_2' })).message?.status).toBe('success')
  },
)

const HOUR = 3600

test.each([true, { approve: true }, { approve: false }])(
  'what resumes a long wait approves and refuses nothing: %j',
  async (given) => {
    const { first, resume, approvals, clock } = await start({ approveWrites: true, interruptAboveS: 600 }, (call) =>
      call.nth === 1 ? rateLimited(HOUR) : reserved(call),
    )
    expect(first.asked).toMatchObject({ kind: 'rate_limited', retryAfterS: HOUR })
    await clock.advance(HOUR * 1000)
    const second = await resume(given)
    expect(second.message).toBeUndefined()
    expect(second.asked).toMatchObject({ kind: 'approval', approval: { handle: expect.any(String), changes } })
    expect(approvals().every((handle) => handle === undefined)).toBe(true)
    const { message } = await resume({ approve: true, handle: 'apr_2' })
    expect(message?.status).toBe('success')
    expect(approvals().at(-1)).toBe('apr_2')
  },
)

test('an approval that comes back to a long wait is kept for its own question', async () => {
  const { first, resume, approvals, clock } = await start({ approveWrites: true, interruptAboveS: 600 }, (call) =>
    call.nth === 2 ? rateLimited(HOUR) : reserved(call),
  )
  expect(first.asked).toMatchObject({ kind: 'approval', approval: { handle: 'apr_1' } })
  const second = await resume({ approve: true, handle: 'apr_1' })
  expect(second.message).toBeUndefined()
  expect(second.asked).toMatchObject({ kind: 'rate_limited' })
  expect(approvals()).toEqual([undefined, undefined])
  await clock.advance(HOUR * 1000)
  const { message, asked } = await resume(true)
  expect(asked).toBeUndefined()
  expect(message?.status).toBe('success')
  expect(approvals().at(-1)).toBe('apr_1')
})

test('a refused quota after the yes interrupts too, and the yes still counts', async () => {
  let limited = true
  const { resume, approvals, clock } = await start({ approveWrites: true, interruptAboveS: 600 }, (call) =>
    limited && call.meta[APPROVAL] !== undefined ? rateLimited(HOUR) : reserved(call),
  )
  expect((await resume({ approve: true, handle: 'apr_1' })).asked).toMatchObject({ kind: 'rate_limited' })
  limited = false
  await clock.advance(HOUR * 1000)
  expect((await resume(true)).message?.status).toBe('success')
  expect(approvals().at(-1)).toBe('apr_1')
})

test('without approveWrites the model reads that a person must approve, and never the handle', async () => {
  const { first } = await start({})
  const { message } = first
  expect(message?.status).toBe('error')
  expect(message?.text).toContain('approval_required')
  expect(message?.text).not.toContain('apr_')
  expect(message?.artifact).toMatchObject({ error: { approval: { handle: 'apr_1' } } })
})
