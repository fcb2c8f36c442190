/** @module A snippet of docs/agents.md. */
import { Command, MemorySaver } from '@langchain/langgraph'
import { connect, RateGate } from '@quartermaster/client'
import { type ApprovalRequest, recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { createAgent } from 'langchain'

const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const careful = roles.sales.approve(['write']) // issued like this, a URL reserves every write for a person
const conn = await connect(CRM_URL, { token })
const tools = await recordTools(conn, { account, gate: new RateGate(), toolset: careful, approveWrites: true })
const agent = createAgent({ model: 'openai:gpt-5.5', tools, checkpointer: new MemorySaver() })

const thread = { configurable: { thread_id: 'deal-3001' } }
const waiting = await agent.invoke(
  { messages: [{ role: 'user', content: 'Set the next step of deal 3001: call.' }] },
  thread,
)
const [asked] = (Reflect.get(waiting, '__interrupt__') ?? []) as { value: ApprovalRequest }[]
console.log(asked?.value.approval.action, asked?.value.approval.changes) // what a person sees
const yes = { approve: true, handle: asked?.value.approval.handle } // to what was shown, and to nothing else
const { messages } = await agent.invoke(new Command({ resume: yes }), thread)
console.log(messages.at(-1)?.text)
await conn.close()
