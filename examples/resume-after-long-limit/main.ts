/**
 * @module
 * The quota is gone for an hour (here: six seconds). Nobody sleeps: the graph stops with an interrupt, the process may
 * end, and later another one goes on from the checkpoint. What the model was paid for is not paid for again.
 */
import { setTimeout } from 'node:timers/promises'
import { Command, MemorySaver } from '@langchain/langgraph'
import { RateGate } from '@quartermaster/client'
import { crew, scriptedModel, watch } from '@quartermaster/crew'
import { recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { z } from 'zod'
import { runExample, type Testbed } from '../run-example.ts'

const LONG_S = 6
const TOOL = 'list_all_hub_spot_opportunities'
const Page = z.object({ result: z.array(z.object({ name: z.string() })) })
const longWait = z.object({ kind: z.literal('rate_limited'), tool: z.string(), retryAfterS: z.number() })

/** In a product: PostgreSQL. The process that goes on need not be the one that stopped. */
const checkpointer = new MemorySaver()
const thread = { config: { configurable: { thread_id: 'weekly-review' } } }
let modelCalls = 0

/** Plays the analyst: reads one page of deals, then names the first. */
const script = scriptedModel(({ question, results }) => {
  modelCalls += 1
  const [page] = results
  if (question.startsWith('Title')) return 'Weekly review'
  return page
    ? `First of the list: ${Page.parse(JSON.parse(page.text)).result[0]?.name}`
    : { calls: [{ name: TOOL, args: { limit: '10' } }] }
})

/** Each process builds the graph anew: with a connection and a gate of its own, on the same checkpointer. */
async function build({ open, account, model }: Testbed) {
  const conn = await open(roles.analytics)
  const tools = await recordTools(conn, {
    account,
    gate: new RateGate(),
    filter: ({ name }) => name === TOOL,
    // The defaults are five minutes; here six seconds stand for an hour.
    interruptAboveS: 3,
    policy: { giveUpAboveS: 3 },
  })
  return crew('weekly-review', { model: await model(script), inputs: z.object({}) })
    .agent('analyst', { role: 'a pipeline analyst', goal: 'facts from the CRM, never guesses', tools, maxIter: 6 })
    .task('title', { agent: 'analyst', needs: [], prompt: 'Title of the review, please. Call no tool.' })
    .task('first_deal', {
      agent: 'analyst',
      prompt: `Which deal comes first in ${TOOL}? Give its name as it stands there.`,
    })
    .compile({ checkpointer })
}

await runExample({
  file: import.meta.url,
  about: 'A limit that nobody should sleep through: stop, keep the checkpoint, go on later.',
  graph: build,

  async run(graph, testbed) {
    const { hubspot } = testbed
    hubspot.arm({ kind: 'rate_limit', times: 1, retryAfterS: LONG_S })
    const started = performance.now()
    const stopped = await watch(graph, { inputs: {} }, thread)
    const [waits] = z.array(longWait).parse(stopped.interrupts)
    const stoppedMs = Math.round(performance.now() - started)
    console.log(`Stopped after ${stoppedMs} ms; resume in ${waits?.retryAfterS} s.`)
    const [callsBefore, refused] = [modelCalls, hubspot.counters().rateLimited]

    // A scheduler would do this: start another process when it makes sense, and not before.
    await setTimeout(1000 * (waits?.retryAfterS ?? 0))
    const done = await watch(await build(testbed), new Command({ resume: 'the limit is over' }), thread)
    const { title, first_deal } = done.state.out
    console.log(`${title}. ${first_deal}`)

    const first = String(Reflect.get(Object(hubspot.records('deals')?.[0]?.values), 'dealname'))
    return [
      ...(waits?.tool === TOOL && waits.retryAfterS > 3 ? [] : ['the interrupt does not say when to come back']),
      ...(stoppedMs < 1000 * LONG_S ? [] : ['somebody slept instead of stopping']),
      ...(refused === 1 ? [] : [`HubSpot was asked ${refused} times although its quota was gone`]),
      ...(first_deal.includes(first) ? [] : [`the answer is not from the records: ${first} comes first`]),
      ...(testbed.scripted && (callsBefore !== 2 || modelCalls !== 3)
        ? [`the model was called ${callsBefore} and then ${modelCalls - callsBefore} times`]
        : []),
      ...(done.state.usage.modelCalls >= 3 ? [] : ['the usage forgot what was spent before the stop']),
    ]
  },
})
