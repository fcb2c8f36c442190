/**
 * @module
 * One process of a crew's life: `node one-process.ts <place> <start|go-on|answer> [dies-at]`. Prints each model call and,
 * when it gets there, the end as JSON. `dies-at` names the task in whose model call the process is gone.
 */
import { tool } from '@langchain/core/tools'
import { Command, interrupt } from '@langchain/langgraph'
import { crew, scriptedModel } from '@quartermaster/crew'
import { z } from 'zod'
import { openSaver } from './open-saver.ts'

const [place = '', step = 'start', diesAt] = process.argv.slice(2)

const model = scriptedModel(({ question, results, tools }) => {
  const task = /task (\w+)/.exec(question)?.[1] ?? ''
  console.log(JSON.stringify({ called: task, after: results.length }))
  if (task === diesAt) process.exit(9)
  const [next] = tools.filter((name) => !results.some((result) => result.name === name))
  return next === undefined ? `${task}: ${results.map(({ text }) => text).join(', ')}` : calling(next)
})
const calling = (name: string) => ({
  calls: [{ name, args: name.startsWith('ask_') ? { question: 'task check' } : {} }],
})

const read = tool(() => 'read', { name: 'read', description: 'Reads', schema: z.object({}) })
const sign = tool(() => `signed by ${interrupt('Who signs?')}`, {
  name: 'sign',
  description: 'Asks a person',
  schema: z.object({}),
})

const saver = await openSaver(place)
const graph = crew('contract', { model, inputs: z.object({ deal: z.string() }) })
  .agent('reader', { role: 'a reader', goal: 'facts', tools: [read] })
  .agent('signer', { role: 'a signer', goal: 'signatures', tools: [sign] })
  .agent('lead', { role: 'the lead', goal: 'a contract', tools: [read], delegates: ['signer'] })
  .task('facts', { agent: 'reader', prompt: 'task facts' })
  .task('contract', { agent: 'lead', prompt: 'task contract' })
  .task('memo', { agent: 'reader', prompt: 'task memo' })
  .compile({ checkpointer: saver.checkpointer })

const input = { start: { inputs: { deal: '7' } }, 'go-on': null, answer: new Command({ resume: 'Jane' }) }[step]
const state = await graph.invoke(input ?? null, { configurable: { thread_id: 't' }, durability: 'sync' })
console.log(JSON.stringify({ out: state.out, usage: state.usage, waits: Reflect.get(state, '__interrupt__') ?? [] }))
await saver.close()
