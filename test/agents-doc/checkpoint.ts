/** @module A snippet of docs/agents.md. */
import { Command } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import { connect, RateGate } from '@quartermaster/client'
import { recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { createAgent } from 'langchain'

const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '', DATABASE_URL = '' } = process.env
const checkpointer = PostgresSaver.fromConnString(DATABASE_URL)
await checkpointer.setup() // makes its tables when they are absent
const conn = await connect(CRM_URL, { token })
const tools = await recordTools(conn, { account, gate: new RateGate(), toolset: roles.support, interruptAboveS: 300 })
const agent = createAgent({ model: 'openai:gpt-5.5', tools, checkpointer })

const thread = { configurable: { thread_id: 'contact-501' } }
const question = { messages: [{ role: 'user', content: 'Who is contact 501?' }] }
const { tasks } = await agent.graph.getState(thread) // of a process that is gone, perhaps
const isInterrupted = tasks.some(({ interrupts }) => interrupts.length > 0)
const state = await agent.invoke(isInterrupted ? new Command({ resume: true }) : question, thread)
const [longWait] = (Reflect.get(state, '__interrupt__') ?? []) as { value: { retryAfterS: number } }[]
console.log(longWait ? `Start me again in ${longWait.value.retryAfterS} s.` : state.messages.at(-1)?.text)
await conn.close()
await checkpointer.end()
