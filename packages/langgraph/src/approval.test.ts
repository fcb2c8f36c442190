import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { Command, MemorySaver } from '@langchain/langgraph'
import { type Connected, connect, RateGate } from '@quartermaster/client'
import { fail } from '@quartermaster/protocol'
import { createTool, failure, type SeenCall, startTestServer, success, type TestServer } from '@quartermaster/testing'
import { createAgent, fakeModel } from 'langchain'
import { afterEach, expect, test } from 'vitest'
import { crmTools } from './crm-tools.ts'

const open: { server?: TestServer; conn?: Connected } = {}
afterEach(async () => {
  await open.conn?.close()
  await open.server?.close()
})

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

async function run(approveWrites: boolean, resume?: unknown) {
  const server = await startTestServer(reserved)
  const conn = await connect(server.url)
  Object.assign(open, { server, conn })
  const tools = await crmTools(conn, { account: 'acme', gate: new RateGate(), approveWrites })
  const model = fakeModel()
    .respondWithTools([{ name: createTool.name, args: { email: 'jane@acme.com' }, id: 'c1' }])
    .respond(new AIMessage('done'))
  const agent = createAgent({ model, tools, checkpointer: new MemorySaver() })
  const thread = { configurable: { thread_id: 't' } }
  const first = await agent.invoke({ messages: [{ role: 'user', content: 'add jane' }] }, thread)
  const last = resume === undefined ? first : await agent.invoke(new Command({ resume }), thread)
  return { server, first, message: last.messages.find((one) => ToolMessage.isInstance(one)) }
}

test('approveWrites stops the graph with what would change, and a yes makes the write with the handle', async () => {
  const { server, first, message } = await run(true, { approve: true, handle: 'apr_1' })
  expect(Reflect.get(first, '__interrupt__')).toMatchObject([
    { value: { kind: 'approval', tool: createTool.name, account: 'acme', approval: { handle: 'apr_1', changes } } },
  ])
  expect(message?.status).toBe('success')
  expect(server.calls.map(({ meta }) => meta[APPROVAL])).toEqual([undefined, undefined, 'apr_1'])
  const keys = server.calls.map(({ meta }) => meta['quartermaster/idempotency-key'])
  expect(new Set(keys).size).toBe(1)
})

test.each([{ approve: false, reason: 'not our customer' }, true, 'yes', { approve: 'true' }])(
  'approveWrites takes anything but a clear yes for a no: %j',
  async (given) => {
    const { server, message } = await run(true, given)
    expect(message?.status).toBe('error')
    expect(message?.text).toContain('approval_refused')
    expect(server.calls.every(({ meta }) => meta[APPROVAL] === undefined)).toBe(true)
  },
)

test('without approveWrites the model reads that a person must approve, and never the handle', async () => {
  const { message } = await run(false)
  expect(message?.status).toBe('error')
  expect(message?.text).toContain('approval_required')
  expect(message?.text).not.toContain('apr_')
  expect(message?.artifact).toMatchObject({ error: { approval: { handle: 'apr_1' } } })
})
