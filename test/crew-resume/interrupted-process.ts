/**
 * @module
 * One process of a graph that is interrupted by long waits: `node interrupted-process.ts <place> <start|resume> <tool URL>`. Prints what it
 * waits for and, once there is one, the tool's answer, as JSON.
 */
import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { Command, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { connect, RateGate } from '@quartermaster/client'
import { recordToolNode, recordTools } from '@quartermaster/langgraph'
import { openSaver } from './open-saver.ts'

const [place = '', step = '', url = ''] = process.argv.slice(2)
const conn = await connect(url)
const saver = await openSaver(place)
const [list] = await recordTools(conn, { account: 'acme', gate: new RateGate(), interruptAboveS: 600 })
if (!list) throw new Error('Cannot be interrupted: the server has no tool')

const ask = new AIMessage({
  content: '',
  tool_calls: [{ name: list.name, args: { limit: '1' }, id: 'c1', type: 'tool_call' }],
})
const graph = new StateGraph(MessagesAnnotation)
  .addNode('plan', () => {
    console.log(JSON.stringify({ planned: true }))
    return { messages: [ask] }
  })
  .addNode('tools', recordToolNode([list]))
  .addEdge(START, 'plan')
  .addEdge('plan', 'tools')
  .addEdge('tools', END)
  .compile({ checkpointer: saver.checkpointer })

const thread = { configurable: { thread_id: 'interrupted' } }
const state = await graph.invoke(step === 'start' ? { messages: [] } : new Command({ resume: true }), thread)
const answer = state.messages.find((message) => ToolMessage.isInstance(message))
const waits = (await graph.getState(thread)).tasks.flatMap(({ interrupts }) => interrupts.map(({ value }) => value))
console.log(JSON.stringify({ waits, status: answer?.status, text: answer?.text }))
await saver.close()
await conn.close()
