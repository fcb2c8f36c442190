/** @module A snippet of docs/agents.md. */
import { connect, RateGate } from '@quartermaster/client'
import { recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { createAgent, ToolMessage } from 'langchain'

const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const gate = new RateGate() // one per process, shared by everything that touches the account
const conn = await connect(CRM_URL, { token })
const tools = await recordTools(conn, { account, gate, toolset: roles.support })

const agent = createAgent({ model: 'openai:gpt-5.5', tools })
const question = { role: 'user', content: 'Who is contact 501, and how do we reach them?' }
const { messages } = await agent.invoke({ messages: [question] })
console.log(messages.at(-1)?.text)
for (const message of messages) {
  if (ToolMessage.isInstance(message) && message.status === 'error') console.warn(message.artifact.error)
}
await conn.close()
