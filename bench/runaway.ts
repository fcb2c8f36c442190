/**
 * @module
 * Agents that never stop by themselves, against our server and a faked vendor: each must end at its bound, the model must
 * have read words that name the bound, and the vendor must not have seen more calls than the bound allows. The control is
 * the same agent without a bound. Exits with 1 when an agent gets away.
 */
import { availableParallelism } from 'node:os'
import type { BaseMessage } from '@langchain/core/messages'
import type { StructuredTool } from '@langchain/core/tools'
import { connect, RateGate, type RunLimits } from '@quartermaster/client'
import { crew, type ScriptedMove, type ScriptedTurn, scriptedModel } from '@quartermaster/crew'
import { pageGuard, recordTools } from '@quartermaster/langgraph'
import { openTestbed } from '@quartermaster/testing/testbed'
import type { AgentMiddleware } from 'langchain'
import { z } from 'zod'

const LIST = 'list_all_hub_spot_contacts'
const GET = 'get_single_hub_spot_contact_by_id'
/** How often the agents would think if nothing else stopped them. */
const MAX_ITER = 90
/** What one question costs a colleague who cannot ask on and tries nothing else: three refusals and the answer. */
const TURNS_PER_QUESTION = 4
const MAX_QUESTIONS = 10
const WITHIN_MS = 60_000

interface Case {
  readonly name: string
  /** What the refusal that the model reads must name. */
  readonly bound: string
  readonly words: RegExp
  /** Calls that may reach the vendor. */
  readonly most: number
  /** Model calls until the bound is met, the last answer included. */
  readonly turns: number
  readonly decide: (turn: ScriptedTurn) => ScriptedMove
  readonly runLimits?: RunLimits | false
  readonly middleware?: readonly AgentMiddleware[]
  readonly control?: true
}

const call = (name: string, args: Record<string, unknown>): ScriptedMove => ({ calls: [{ name, args }] })
/** As long as there are tools, the next call; a script without tools can only answer. */
const forever = (next: (turn: ScriptedTurn) => ScriptedMove) => (turn: ScriptedTurn) =>
  turn.tools.length === 0 ? 'I have to stop here.' : next(turn)
const cursorIn = ({ messages }: ScriptedTurn) => {
  const pages = messages.map((message) => /"next_cursor":"([^"]+)"/.exec(message.text)?.[1])
  return pages.findLast((cursor) => cursor !== undefined)
}
const unknownId = ({ results }: ScriptedTurn) => call(GET, { id: String(990_000_000_000 + results.length) })

const testbed = await openTestbed({ silent: true, vendorLimit: 100_000 })
const vendor = testbed.control('hubspot')
const account = testbed.accountOf('acme', 'hubspot')

const cases: readonly Case[] = [
  {
    name: 'the same call again and again',
    bound: 'repeated_call',
    words: /already made 3 times/,
    most: 3,
    turns: 7,
    decide: forever(() => call(LIST, { limit: '1' })),
  },
  {
    name: 'ever-new cursors',
    bound: 'page_limit',
    words: /10 pages of this list were read, which is all/,
    most: 11,
    turns: 14,
    decide: forever((turn) => call(LIST, { limit: '1', next_cursor: cursorIn(turn) ?? null })),
    middleware: [pageGuard()],
  },
  {
    name: 'cursors, another limit each time',
    bound: 'page_limit',
    words: /10 pages of this list were read, which is all/,
    most: 11,
    turns: 14,
    decide: forever((turn) =>
      call(LIST, { limit: String(1 + turn.results.length), next_cursor: cursorIn(turn) ?? null }),
    ),
    middleware: [pageGuard()],
  },
  {
    name: 'a storm of errors',
    bound: 'too_many_errors',
    words: /last 5 calls failed/,
    most: 5,
    turns: 7,
    decide: forever(unknownId),
  },
  {
    name: 'ever-new calls that succeed',
    bound: 'call_budget_exhausted',
    words: /has made 60 calls, which is all/,
    most: 60,
    turns: 62,
    decide: forever(({ results }) => call(LIST, { limit: String(1 + results.length) })),
  },
  {
    name: 'control: errors without a bound',
    bound: 'none',
    words: /$^/,
    most: Number.POSITIVE_INFINITY,
    turns: MAX_ITER,
    decide: forever(unknownId),
    runLimits: false,
    control: true,
  },
]

const rows = []
for (const each of cases) rows.push(await runAway(each))
rows.push(await pingPong())
await testbed.close()

console.log('agent                              bound                    model calls   vendor calls   at most   told')
for (const { name, bound, modelCalls, vendorCalls, most, told } of rows) {
  console.log(
    `${name.padEnd(35)}${bound.padEnd(22)}${String(modelCalls).padStart(14)}${String(vendorCalls).padStart(15)}` +
      `${String(most ?? '-').padStart(10)}   ${told ? 'yes' : 'no'}`,
  )
}
const faults = rows.filter(({ ok }) => !ok).map(({ name }) => name)
for (const fault of faults) console.log(`falls short: ${fault}`)
console.log(JSON.stringify({ bench: 'runaway', node: process.version, cores: availableParallelism(), rows, faults }))
process.exit(faults.length === 0 ? 0 : 1)

async function toolsFor(runLimits: RunLimits | false | undefined): Promise<StructuredTool[]> {
  const { url } = await testbed.issue('hubspot', { methods: ['read'], require_api_token_auth: false })
  const conn = await connect(url)
  return recordTools(conn, { account, gate: new RateGate(), ...(runLimits === undefined ? {} : { runLimits }) })
}

/** Calls for records and pages; the account's fields are read by the server for itself. */
function vendorCalls(): number {
  const counted = Object.entries(vendor.counters().requests).filter(([path]) => path.includes('/objects/'))
  return counted.reduce((sum, [, times]) => sum + times, 0)
}

async function runAway({ name, bound, words, most, turns, decide, runLimits, middleware = [], control }: Case) {
  const tools = await toolsFor(runLimits)
  vendor.resetCounters()
  const heard: string[] = []
  const model = scriptedModel((turn) => {
    hear(heard, turn.messages)
    return decide(turn)
  })
  const runaway = crew('runaway', { model, inputs: z.object({}) })
    .agent('agent', { role: 'an agent', goal: 'never stop', tools, maxIter: MAX_ITER, middleware: [...middleware] })
    .task('task', { agent: 'agent', prompt: 'Begin.' })
  const { usage } = await runaway.run({}, { signal: AbortSignal.timeout(WITHIN_MS) })
  const told = heard.some((text) => text.includes(`"${bound}"`) && words.test(text))
  const calls = vendorCalls()
  // Without a bound, the agent must be seen to run on, or the others prove nothing.
  const ok = control
    ? calls > 5 && usage.modelCalls >= MAX_ITER
    : told && calls > 0 && calls <= most && usage.modelCalls <= turns
  return {
    name,
    bound,
    modelCalls: usage.modelCalls,
    vendorCalls: calls,
    ...(Number.isFinite(most) ? { most } : {}),
    told,
    ok,
  }
}

/** Two agents that only ever ask each other. */
async function pingPong() {
  const tools = await toolsFor(undefined)
  vendor.resetCounters()
  const heard: string[] = []
  const asking = (colleague: string) =>
    scriptedModel((turn) => {
      hear(heard, turn.messages)
      if (turn.tools.length === 0) return 'I have to stop here.'
      return call(`ask_${colleague}`, { question: `You decide. (${turn.results.length})` })
    })
  const pair = crew('ping-pong', { model: asking('right'), inputs: z.object({}) })
    .agent('right', { role: 'the right', goal: 'ask', model: asking('left'), tools })
    .agent('left', { role: 'the left', goal: 'ask', delegates: ['right'] })
    .task('task', { agent: 'left', prompt: 'Begin.' })
  const { usage } = await pair.run({}, { signal: AbortSignal.timeout(WITHIN_MS) })
  const told = heard.some((text) => text.includes(`asked ${MAX_QUESTIONS} times for this task, which is all`))
  // Each question costs the other its few turns and is passed on no further; then come three refusals and the answer.
  const turns = MAX_QUESTIONS * (1 + TURNS_PER_QUESTION) + 4
  const ok = told && usage.modelCalls <= turns && usage.modelCalls > MAX_QUESTIONS && vendorCalls() === 0
  return {
    name: 'two who only ask each other',
    bound: 'question_limit',
    modelCalls: usage.modelCalls,
    vendorCalls: vendorCalls(),
    most: 0,
    told,
    ok,
  }
}

function hear(heard: string[], messages: readonly BaseMessage[]): void {
  for (const message of messages) if (!heard.includes(message.text)) heard.push(message.text)
}
