import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { toolsCondition } from '@langchain/langgraph/prebuilt'
import { connect, RateGate } from '@quartermaster/client'
import { recordToolNode, recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { initChatModel } from 'langchain'

// The URL was issued for the role analytics: deals and stages, nothing personal. The token opens such URLs and no more.
const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const conn = await connect(CRM_URL, { token })
// One gate for all graphs of the process: on a 429 every branch waits, together and once.
const tools = await recordTools(conn, { account, gate: new RateGate(), toolset: roles.analytics })
const model = (await initChatModel(process.env['MODEL'] ?? 'openai:gpt-5.5')).bindTools(tools)

const graph = new StateGraph(MessagesAnnotation)
  .addNode('plan', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode('tools', recordToolNode(tools))
  .addEdge(START, 'plan')
  .addConditionalEdges('plan', toolsCondition)
  .addEdge('tools', 'plan')
  .compile()

const question = 'What are the first ten deals worth together?'
const { messages } = await graph.invoke({ messages: [{ role: 'user', content: question }] })
console.log(messages.at(-1)?.text)
await conn.close()
