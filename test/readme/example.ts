import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { toolsCondition } from '@langchain/langgraph/prebuilt'
import { connect, RateGate } from '@quartermaster/client'
import { crmToolNode, crmTools } from '@quartermaster/langgraph'
import { adminClient, roles } from '@quartermaster/toolsets'
import { initChatModel } from 'langchain'

const { QUARTERMASTER_URL: baseUrl = '', QUARTERMASTER_ADMIN_TOKEN: token = '', ACCOUNT: account = '' } = process.env
// The server issues a URL that reads deals and stages, and nothing personal.
const { url } = await roles.analytics.issue(adminClient({ baseUrl, token }), { account })
const conn = await connect(url, { token })
// One gate for all graphs of the process: on a 429 every branch waits, together and once.
const tools = await crmTools(conn, { account, gate: new RateGate(), toolset: roles.analytics })
const model = (await initChatModel(process.env['MODEL'] ?? 'openai:gpt-5.5')).bindTools(tools)

const graph = new StateGraph(MessagesAnnotation)
  .addNode('plan', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode('tools', crmToolNode(tools))
  .addEdge(START, 'plan')
  .addConditionalEdges('plan', toolsCondition)
  .addEdge('tools', 'plan')
  .compile()

const question = 'What are the first ten deals worth together?'
const { messages } = await graph.invoke({ messages: [{ role: 'user', content: question }] })
console.log(messages.at(-1)?.text)
await conn.close()
