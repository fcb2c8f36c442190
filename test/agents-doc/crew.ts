/** @module A snippet of docs/agents.md. */
import { connect, RateGate } from '@quartermaster/client'
import { crew, watch } from '@quartermaster/crew'
import { recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { z } from 'zod'

const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const conn = await connect(CRM_URL, { token })
const tools = await recordTools(conn, { account, gate: new RateGate(), toolset: roles.analytics })

const review = crew('pipeline-review', { model: 'openai:gpt-5.5', inputs: z.object({ top: z.number() }) })
  .agent('analyst', { role: 'a pipeline analyst', goal: 'exact numbers, never guesses', tools, maxIter: 8 })
  .agent('lead', { role: 'the head of sales', goal: 'one sentence that the board can read' })
  .task('numbers', {
    agent: 'analyst',
    prompt: ({ inputs }) => `What are the first ${inputs.top} deals worth together?`,
    output: z.object({ deals: z.number(), worth: z.number(), doubts: z.string().optional() }),
    guard: ({ deals }, { inputs }) => deals === inputs.top || `Count ${inputs.top} deals`,
  })
  .task('memo', {
    agent: 'lead',
    prompt: ({ out }) => `Say that ${out.numbers.deals} deals are worth ${out.numbers.worth}.`,
  })

const { state } = await watch(review.compile(), { inputs: { top: 10 } }) // or: await review.run({ top: 10 })
console.log(state.out.numbers, state.out.memo, state.usage.modelCalls)
await conn.close()
