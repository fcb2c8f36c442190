import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { Command, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { fail } from '@quartermaster/protocol'
import { createTool, failure, type SeenCall, success } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { toolsTestbed } from '../test/tools-testbed.ts'
import { recordToolNode } from './record-tool-node.ts'

/** As the real server: a handle is good once, for the arguments it was asked for; the same key gives the first answer. */
function reserving() {
  const asked = new Map<string, string>()
  const made = new Map<string, string>()
  const answer = ({ args, meta, nth }: SeenCall) => {
    const [key, handle] = [String(meta['quartermaster/idempotency-key']), meta['quartermaster/approval']]
    const email = String(args['email'])
    if (made.has(key)) return success({ result: { id: email } })
    if (typeof handle === 'string') {
      if (asked.get(handle) !== email)
        return failure(fail('approval_invalid', 'Cannot: it is for another call', 'Ask.'))
      asked.delete(handle)
      made.set(key, email)
      return success({ result: { id: email } })
    }
    asked.set(`apr_${nth}`, email)
    const changes = [{ field: 'email', to: email }]
    const times = { expires_at: '2030-01-01T00:00:00.000Z', approved_by: 'caller' as const }
    const approval = { handle: `apr_${nth}`, ...times, action: `create ${email}`, changes }
    return failure({ ...fail('approval_required', 'Cannot yet', 'Wait.'), approval })
  }
  return { answer, made }
}

const questions = z.array(
  z.object({ value: z.object({ approval: z.object({ handle: z.string(), action: z.string() }) }) }),
)
const shown = (state: object) => questions.parse(Reflect.get(state, '__interrupt__') ?? [])[0]?.value.approval

test.each([
  [true, true],
  [false, true],
  [true, false],
])('two writes of one message are asked for one by one, and each gets its own answer: %s, %s', async (...verdicts) => {
  const { answer, made } = reserving()
  const { tools } = await toolsTestbed(answer, { approveWrites: true })
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('tools', recordToolNode(tools))
    .addEdge(START, 'tools')
    .compile({ checkpointer: new MemorySaver() })
  const thread = { configurable: { thread_id: 't' } }
  const emails = ['a@b.c', 'd@e.f']
  const calls = emails.map((email, nth) => ({ name: createTool.name, args: { email }, id: `c${nth}` }))
  const asks = new AIMessage({ content: '', tool_calls: calls.map((call) => ({ ...call, type: 'tool_call' })) })
  let state = await graph.invoke({ messages: [asks] }, thread)
  for (const [nth, approve] of verdicts.entries()) {
    const question = shown(state)
    expect(question?.action).toBe(`create ${emails[nth]}`)
    state = await graph.invoke(new Command({ resume: { approve, handle: question?.handle } }), thread)
  }
  expect(shown(state)).toBeUndefined()
  const answers = state.messages.filter((message) => ToolMessage.isInstance(message))
  expect(answers.map(({ status }) => status === 'success')).toEqual(verdicts)
  expect([...made.values()]).toEqual(emails.filter((_, nth) => verdicts[nth]))
})
